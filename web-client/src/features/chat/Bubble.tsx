import { memo } from "react";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { Button, cx, Icon, VisuallyHidden } from "../../ui";
import type { Message } from "../../wire/types";
import css from "./Bubble.module.css";
import type { Unsent } from "./thread";
import { type Reader, systemWords } from "./words";

interface MessageProps {
  message: Message;
  reader: Reader;
  /** The line above is by the same person, a moment ago: the name need not be shown again. */
  follows: boolean;
  /** The newest of one's own: it says that it has been sent. */
  newest: boolean;
}

export const MessageLine = memo(function MessageLine(props: MessageProps) {
  const { message, reader, follows, newest } = props;
  const t = useT();
  const { time } = useFormat();
  if (message.sender === "system") {
    return (
      <li className={css.system}>
        <span>{systemWords(message.body, reader, t)}</span>{" "}
        <time dateTime={message.sent_at}>{time(message.sent_at)}</time>
      </li>
    );
  }
  const own = message.sender === reader.role;
  return (
    <li className={cx(css.line, own && css.own, follows && css.follows)}>
      <p className={cx(css.head, follows && "visually-hidden")}>
        <span className={css.who}>{own ? t("visit.chat.you") : message.sender_name}</span>{" "}
        <time dateTime={message.sent_at}>{time(message.sent_at)}</time>
      </p>
      {/* Text and nothing else: no links to follow, no pictures to fetch. */}
      <p className={css.body} data-message={message.seq}>
        {message.body}
      </p>
      {own && newest && (
        <p className={css.state}>
          <Icon name="check" size={18} />
          {t("visit.chat.sent")}
        </p>
      )}
    </li>
  );
});

interface UnsentProps {
  one: Unsent;
  onDiscard: (clientId: string) => void;
}

export function UnsentLine({ one, onDiscard }: UnsentProps) {
  const t = useT();
  return (
    <li className={cx(css.line, css.own, css.unsent, one.state === "refused" && css.refused)}>
      <VisuallyHidden>{t("visit.chat.you")}</VisuallyHidden>
      <p className={css.body}>{one.body}</p>
      <p className={css.state}>
        {one.state === "sending" && t("visit.chat.sending")}
        {one.state === "waiting" && (
          <>
            <Icon name="clock" size={18} />
            {t("visit.chat.waiting")}
          </>
        )}
        {one.state === "refused" && (
          <>
            <Icon name="warning" size={18} />
            {t(one.code === "visit.closed" ? "visit.chat.refused.closed" : "visit.chat.refused")}
          </>
        )}
      </p>
      {one.state === "refused" && (
        <Button kind="quiet" size="small" onClick={() => onDiscard(one.clientId)}>
          {t("visit.chat.discard")}
        </Button>
      )}
    </li>
  );
}
