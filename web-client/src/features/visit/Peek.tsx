import { useT } from "../../i18n";
import { Icon } from "../../ui";
import css from "./Peek.module.css";
import type { Unread } from "./useUnread";

/** What was just written, in the corner of the picture: a closed chat must not hide a question. */
export function Peek({ unread, onOpen }: { unread: Unread; onOpen: () => void }) {
  const t = useT();
  if (unread.count === 0) return null;
  return (
    <button type="button" className={css.peek} onClick={onOpen}>
      <Icon name="chat" size={22} />
      <span className={css.words}>
        <span className={css.count}>{t("visit.unread", { count: unread.count })}</span>
        <span className={css.text}>{unread.text}</span>
      </span>
    </button>
  );
}
