/** What somebody chose last on this device, kept under the account's id: a phone may have two. */
import type { Communication } from "../../wire/types";

const COMMUNICATIONS = ["speech", "signs", "reads"] as const;

function place(person: string): string {
  return `vardrum.communication.${person}`;
}

export function rememberedNeed(person: string): Communication {
  try {
    const stored = localStorage.getItem(place(person));
    return COMMUNICATIONS.find((one) => one === stored) ?? "speech";
  } catch {
    return "speech";
  }
}

export function rememberNeed(person: string, communication: Communication): void {
  try {
    // Nothing is kept of who needs nothing.
    if (communication === "speech") localStorage.removeItem(place(person));
    else localStorage.setItem(place(person), communication);
  } catch {
    // A private window may refuse storage: the choice then lasts as long as the visit.
  }
}
