/** Names of people in the call, as they stand in a sentence. */
import type { CallView } from "../../../call/view";
import type { Language } from "../../../i18n";

/** The others in the call, or of these those whose ids are given. */
export function namesOf({ seating }: Pick<CallView, "seating">, ids?: readonly string[]): string[] {
  return (seating?.slots ?? []).flatMap((seat) =>
    seat !== null && (ids === undefined || ids.includes(seat.participant_id)) ? [seat.name] : [],
  );
}

/** "Maria, Ali och Karin". */
export function listed(names: readonly string[], language: Language): string {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(names);
}
