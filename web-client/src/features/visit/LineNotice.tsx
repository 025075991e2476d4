import { useT } from "../../i18n";
import { Notice } from "../../ui";
import { useCalmStatus } from "../../wire/hooks";
import type { LiveAudience } from "../../wire/types";

interface Props {
  audience: LiveAudience;
  /** What goes on meanwhile. */
  during: "call" | "chat";
}

/** The live connection is gone and the visit is not: what that means, and that nothing is to do. */
export function LineNotice({ audience, during }: Props) {
  const t = useT();
  const status = useCalmStatus(audience);
  if (status === "fine") return null;
  return (
    <Notice tone="info" icon="refresh" live="polite" title={t(`visit.line.${status}.title`)}>
      {t(`visit.line.${status}.${during}`)}
    </Notice>
  );
}
