/** What the list of people says. Pure. */
import type { MessageKey } from "../../../i18n";
import type { Seat, Seating } from "../../../wire/generated";
import type { Guest } from "../../../wire/types";

type Listed = "invited" | "waiting" | "admitted" | "left";

const LISTED: ReadonlySet<string> = new Set<Listed>(["invited", "waiting", "admitted", "left"]);

/** A guest who may be in the call, or come to it; or who went for good, which the others should know. */
export type ListedGuest = Guest & { readonly state: Listed | "expired" };

/** Of others there is nothing to do or to wait for. */
export function isListed(guest: Guest): guest is ListedGuest {
  return LISTED.has(guest.state) || (guest.state === "expired" && guest.gone_at !== null);
}

/** Where somebody sits in the call: by name and part, which is all that the call itself tells. */
export function seatOf({ name, role }: Guest, seating: Seating | null): Seat | null {
  return seating?.slots.find((seat) => seat?.name === name && seat.role === role) ?? null;
}

/** `away`: has come to the lobby and closed the page. */
export function whereOf(
  { state }: Pick<ListedGuest, "state">,
  here: boolean,
  away: boolean,
): MessageKey {
  switch (state) {
    case "admitted":
      return here ? "people.where.here" : "people.where.admitted";
    case "waiting":
      return away ? "people.where.closed" : "people.where.waiting";
    case "expired":
      return "people.where.gone";
    case "invited":
    case "left":
      return `people.where.${state}`;
  }
}
