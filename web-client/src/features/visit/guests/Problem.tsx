import { type MessageKey, useT } from "../../../i18n";
import { Notice } from "../../../ui";
import type { ApiError } from "../../../wire/problem";

const WORDS: Readonly<Record<string, MessageKey>> = {
  "guest.full": "people.problem.full",
  "guest.consent_missing": "people.consent.missing",
  "guest.illegal_move": "people.problem.moved",
  "visit.closed": "people.problem.closed",
};

/** Why what one asked for did not happen. */
export function Problem({ error }: { error: ApiError | null }) {
  const t = useT();
  if (error === null) return null;
  return (
    <Notice tone="warn" live="assertive">
      {t(WORDS[error.code] ?? "people.problem.network")}
    </Notice>
  );
}
