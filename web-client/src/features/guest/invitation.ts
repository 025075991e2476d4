import { newKey } from "../../wire/rest";

/**
 * The secret of an invitation, which comes behind the `#` of a link, where no server sees it. It is
 * taken out of the address at once, and kept for this tab alone until it has been used.
 */
export interface Invitation {
  readonly token: string;
  /** The same for every try, so that a lost answer doesn't use the invitation up. */
  readonly key: string;
}

const PLACE = "vardrum.guest.invitation";
let held: Invitation | null = null;

function keep(invitation: Invitation | null): Invitation | null {
  held = invitation;
  try {
    if (invitation === null) sessionStorage.removeItem(PLACE);
    else sessionStorage.setItem(PLACE, JSON.stringify(invitation));
  } catch {
    // Storage may be refused: it then lasts as long as the page.
  }
  return invitation;
}

function kept(): Invitation | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
    if (typeof value !== "object" || value === null) return held;
    if (!("token" in value && "key" in value)) return held;
    const { token, key } = value;
    return typeof token === "string" && typeof key === "string" ? { token, key } : held;
  } catch {
    return held;
  }
}

export function takeInvitation(): Invitation | null {
  const token = location.hash.slice(1);
  if (token === "") return kept();
  history.replaceState(history.state, "", location.pathname + location.search);
  return keep({ token, key: newKey() });
}

export function forgetInvitation(): void {
  keep(null);
}
