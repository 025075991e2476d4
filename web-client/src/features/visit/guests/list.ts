/** What the list of people says. Pure. */
import type { MessageKey } from "../../../i18n";
import type { Seating } from "../../../wire/generated";
import type { Guest } from "../../../wire/types";

type Listed = "invited" | "waiting" | "admitted" | "left";
const LISTED: ReadonlySet<string> = new Set<Listed>(["invited", "waiting", "admitted", "left"]);

/** A guest who may be in the call, or come to it. */
export type ListedGuest = Guest & { readonly state: Listed };

/** Of others there is nothing to do or to wait for. */
export function isListed(guest: Guest): guest is ListedGuest {
  return LISTED.has(guest.state);
}

/** In the call just now: by name and part, which is all that the call itself tells of somebody. */
export function hereOf({ name, role }: Guest, seating: Seating | null): boolean {
  return seating?.slots.some((seat) => seat?.name === name && seat.role === role) === true;
}

export function whereOf({ state }: { state: Listed }, here: boolean): MessageKey {
  if (state === "admitted") return here ? "people.where.here" : "people.where.admitted";
  return `people.where.${state}`;
}

/** The link that the guest opens: the secret stands where no server sees it. */
export function linkOf(origin: string, token: string): string {
  return `${origin}/gast#${token}`;
}
