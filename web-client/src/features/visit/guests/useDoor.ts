import { useAction } from "../../../wire/hooks";
import { api } from "../../../wire/rest";
import type { GuestList } from "../../../wire/types";

type Move =
  | {
      readonly guest: string;
      readonly move: "admit";
      /** The patient has said yes. */
      readonly consent: boolean;
    }
  | { readonly guest: string; readonly move: "refuse" | "remove" | "withdraw" };

/** Lets in, turns away, shows out, takes an invitation back. */
export function useDoor(visitId: string, onMoved: (list: GuestList) => void) {
  return useAction(
    async (asked: Move, key): Promise<GuestList> => {
      const path = `/api/v1/staff/visits/${visitId}/guests/${asked.guest}` as const;
      switch (asked.move) {
        case "admit":
          return await api.post(`${path}/admit`, { consent: asked.consent }, { key });
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
