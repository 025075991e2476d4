import type { CallView } from "../../../call/view";
import { useLanguage, useT } from "../../../i18n";
import { Notice } from "../../../ui";
import { listed, namesOf } from "./names";

/** Somebody's frames come and can't be read: what is done about it, and what else helps. */
export function UnreadNotice({ view }: { view: CallView }) {
  const t = useT();
  const language = useLanguage();
  const names = listed(namesOf(view, view.privacy.unread), language);
  if (names === "") return null;
  return (
    <Notice tone="warn" title={t("visit.private.unread.title", { names })}>
      {t("visit.private.unread.text", { names })}
    </Notice>
  );
}
