import { Notice } from "../../ui";
import type { ApiError } from "../../wire/problem";
import { useProblemText } from "./useProblemText";

/** Why a change was not made; nothing while there is no reason. */
export function Problem({ error }: { error: ApiError | null }) {
  const words = useProblemText();
  if (error === null) return null;
  return (
    <Notice tone="danger" live="assertive">
      {words(error)}
    </Notice>
  );
}
