import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useAction, useLiveEvent } from "../../../wire/hooks";
import { keys } from "../../../wire/keys";
import { api } from "../../../wire/rest";
import type { Duty, Profession } from "../../../wire/types";

const DUTY = "/api/v1/staff/duty";

export type DutyInput =
  | { state: "on"; clinic_id: string; profession: Profession }
  | { state: "paused" | "off" };

export function useDuty() {
  return useQuery({
    queryKey: keys.duty,
    queryFn: ({ signal }) => api.get(DUTY, { signal }),
    refetchInterval: 60_000,
  });
}

/** Goes on duty, pauses or goes off; the answer is the new truth and the board follows. */
export function useSetDuty(onSuccess?: (duty: Duty) => void) {
  const client = useQueryClient();
  return useAction((input: DutyInput, key) => api.put(DUTY, input, { key }), {
    onSuccess: (duty) => {
      client.setQueryData(keys.duty, duty);
      void client.invalidateQueries({ queryKey: keys.board });
      onSuccess?.(duty);
    },
  });
}

/** The own open visits stand in the duty: a hint about a visit fetches it anew. */
export function useDutyHints(): void {
  const client = useQueryClient();
  useLiveEvent("staff", "visit.changed", ({ visit_id }) => {
    void client.invalidateQueries({ queryKey: keys.duty });
    void client.invalidateQueries({ queryKey: keys.visits("staff") });
    void client.invalidateQueries({ queryKey: keys.visit("staff", visit_id) });
  });
}

/** How to go on in the commission that is paused, or null when there is none. */
export function resumeOf(duty: Duty): DutyInput | null {
  if (duty.clinic_id === null || duty.profession === null) return null;
  return { state: "on", clinic_id: duty.clinic_id, profession: duty.profession };
}
