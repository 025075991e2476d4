import { useEffect, useState } from "react";
import { api } from "../../wire/rest";
import { useAction } from "../../wire/hooks";
import type { Visit } from "../../wire/types";
import { useKeepVisit } from "./useVisit";

const AGAIN_MS = 4_000;

export interface Leaving {
  /** The patient is outside, whether or not the server knows yet. */
  readonly left: boolean;
  readonly untold: boolean;
  readonly entering: boolean;
  readonly leave: () => void;
  /** Comes in for the first time, or comes back. */
  readonly enter: () => void;
}

/** The patient goes out and comes in. Going out works at once; telling the server may take time. */
export function useLeaving(visit: Visit): Leaving {
  const keep = useKeepVisit("patient");
  const [gone, setGone] = useState(false);
  const path = `/api/v1/patient/visits/${visit.id}` as const;
  const out = useAction(async (_input: null, key) => await api.post(`${path}/leave`, {}, { key }), {
    onSuccess: keep,
  });
  const back = useAction(async (_input: null, key) => await api.post(`${path}/join`, {}, { key }), {
    onSuccess: (changed) => {
      keep(changed);
      setGone(false);
    },
  });
  const { run: tell, error } = out;
  const untold = gone && error !== null && visit.patient_left_at === null;
  useEffect(() => {
    if (!untold) return undefined;
    const timer = setTimeout(() => tell(null), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [untold, tell, error]);
  return {
    left: gone || visit.patient_left_at !== null,
    untold,
    entering: back.busy,
    leave: () => {
      setGone(true);
      tell(null);
    },
    enter: () => back.run(null),
  };
}
