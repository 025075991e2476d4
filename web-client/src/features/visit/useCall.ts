import { useEffect, useState, useSyncExternalStore } from "react";
import { CallEngine } from "../../call/engine";
import type { CallView } from "../../call/view";
import { getSocket } from "../../wire/socket";
import type { Audience, Visit } from "../../wire/types";
import { putMode, useKeepVisit } from "./useVisit";

export interface Call {
  readonly engine: CallEngine;
  readonly view: CallView;
}

export function isOpen({ state }: Pick<Visit, "state">): boolean {
  return state === "called" || state === "in_progress";
}

/** The call of this visit: it starts and stops as the visit says, without anybody pressing. */
export function useCall(audience: Audience, visit: Visit, left: boolean): Call {
  const keep = useKeepVisit(audience);
  const [engine] = useState(
    () =>
      new CallEngine(visit.id, {
        live: getSocket(audience),
        chat: true,
        pictures: visit.communication !== "speech",
        goChat: async (reason) => keep(await putMode(audience, visit.id, "chat", reason)),
      }),
  );
  useEffect(() => engine.open(), [engine]);
  const view = useSyncExternalStore(engine.subscribe, engine.snapshot);

  const how = audience === "patient" ? visit.communication : "speech";
  useEffect(() => engine.communicates(how), [engine, how]);
  const open = isOpen(visit);
  const wanted = visit.state === "in_progress" && visit.mode === "video" && !left;
  useEffect(() => {
    if (!open) engine.tell({ type: "visit_over" });
    else if (wanted) void engine.start();
    else engine.tell({ type: "stop" });
    // Every new version is a reason to look again: a join that was refused may be right now.
  }, [engine, open, wanted, visit.version]);
  return { engine, view };
}
