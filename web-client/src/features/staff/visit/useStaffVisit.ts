import { useQueryClient } from "@tanstack/react-query";
import { useAction } from "../../../wire/hooks";
import { newest } from "../../../wire/fresh";
import { keys } from "../../../wire/keys";
import { api } from "../../../wire/rest";
import type { Visit } from "../../../wire/types";

export type Move = "confirm-identity" | "no-answer" | "no-show" | "return" | "end";

/** Keeps a visit that the server answered with, unless something newer came in between. */
export function useKeepVisit(): (visit: Visit) => void {
  const client = useQueryClient();
  return (visit) => {
    client.setQueryData<Visit>(keys.visit("staff", visit.id), (held) => newest(held, visit));
    void client.invalidateQueries({ queryKey: keys.duty });
    void client.invalidateQueries({ queryKey: keys.visits("staff") });
    void client.invalidateQueries({ queryKey: keys.board });
  };
}

/** One move of the visit. A refusal fetches the visit, which has perhaps moved on elsewhere. */
export function useMove(visitId: string, onSuccess?: (visit: Visit, move: Move) => void) {
  const client = useQueryClient();
  const keep = useKeepVisit();
  return useAction(
    async (move: Move, key) => {
      try {
        const path = `/api/v1/staff/visits/${visitId}/${move}` as const;
        return { move, visit: await api.post(path, {}, { key }) };
      } catch (error) {
        void client.invalidateQueries({ queryKey: keys.visit("staff", visitId) });
        throw error;
      }
    },
    {
      onSuccess: ({ visit, move }) => {
        keep(visit);
        onSuccess?.(visit, move);
      },
    },
  );
}
