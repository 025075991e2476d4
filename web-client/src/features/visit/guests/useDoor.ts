import { useAction } from "../../../wire/hooks";
import { api } from "../../../wire/rest";
import type { GuestList } from "../../../wire/types";

interface Move {
  readonly guest: string;
  readonly move: "admit" | "refuse" | "remove" | "withdraw";
}

/** Lets in, turns away, shows out, takes an invitation back. */
export function useDoor(visitId: string, onMoved: (list: GuestList) => void) {
  return useAction(
    async ({ guest, move }: Move, key): Promise<GuestList> => {
      const path = `/api/v1/staff/visits/${visitId}/guests/${guest}` as const;
      switch (move) {
        case "admit":
          return await api.post(`${path}/admit`, {}, { key });
        case "refuse":
          return await api.post(`${path}/refuse`, {}, { key });
        case "remove":
          return await api.post(`${path}/remove`, {}, { key });
        case "withdraw":
          return await api.del(path, { key });
      }
    },
    { onSuccess: onMoved },
  );
}
