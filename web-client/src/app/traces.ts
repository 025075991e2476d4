import { forgetDrafts } from "../features/clinics/draft";
import { forgetWritten } from "../features/chat/outbox";
import { forgetCopies } from "../features/staff/note/copies";
import type { Audience } from "../wire/types";

const OWNER = "vardrum.owner.";

/** Removes what one person wrote in this browser and the server may not have: it is theirs alone. */
export function forgetTraces(audience: Audience): void {
  forgetWritten(audience);
  if (audience === "patient") forgetDrafts();
  else forgetCopies(sessionStorage);
  try {
    localStorage.removeItem(OWNER + audience);
  } catch {
    // Storage that is refused has kept nothing.
  }
}

/**
 * Notes whose browser this is now. What somebody else left behind (their session ran out and they
 * walked away) goes; what the same person left is what they come back for.
 */
export function claimTraces(audience: Audience, accountId: string): void {
  try {
    const before = localStorage.getItem(OWNER + audience);
    if (before !== null && before !== accountId) forgetTraces(audience);
    localStorage.setItem(OWNER + audience, accountId);
  } catch {
    // Storage that is refused has kept nothing.
  }
}
