import { useT } from "../../../i18n";
import { Notice } from "../../../ui";
import { useCalmStatus } from "../../../wire/hooks";

/** Says when the list is not as fresh as it looks. */
export function BoardLine() {
  const t = useT();
  const status = useCalmStatus("staff");
  if (status === "fine") return null;
  return (
    <Notice tone="info" icon="refresh" live="polite">
      {t(`staff.queue.${status}`)}
    </Notice>
  );
}
