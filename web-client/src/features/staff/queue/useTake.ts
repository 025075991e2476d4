import { useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { useAction } from "../../../wire/hooks";
import { keys } from "../../../wire/keys";
import { api } from "../../../wire/rest";

/** What to take: the ticket of a row, or null for the next in turn. */
type Which = string | null;

/** Takes a patient and goes to the visit; a refusal leaves one where one was, with a fresh board. */
export function useTake() {
  const client = useQueryClient();
  const [, go] = useLocation();
  return useAction(
    async (ticketId: Which, key) => {
      try {
        return await api.post(pathOf(ticketId), {}, { key });
      } catch (error) {
        void client.invalidateQueries({ queryKey: keys.board });
        void client.invalidateQueries({ queryKey: keys.duty });
        throw error;
      }
    },
    {
      onSuccess: (visit) => {
        client.setQueryData(keys.visit("staff", visit.id), visit);
        void client.invalidateQueries({ queryKey: keys.duty });
        void client.invalidateQueries({ queryKey: keys.board });
        void client.invalidateQueries({ queryKey: keys.visits("staff") });
        go(`/personal/besok/${visit.id}`);
      },
    },
  );
}

function pathOf(ticketId: Which) {
  return ticketId === null
    ? "/api/v1/staff/queue/next"
    : (`/api/v1/staff/queue-tickets/${ticketId}/take` as const);
}
