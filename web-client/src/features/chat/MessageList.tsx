import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useT } from "../../i18n";
import { Button } from "../../ui";
import type { Message } from "../../wire/types";
import { MessageLine, UnsentLine } from "./Bubble";
import css from "./MessageList.module.css";
import type { Thread } from "./thread";
import type { Reader } from "./words";

/** Lines of one person within this time belong together. */
const TOGETHER_MS = 4 * 60_000;
/** Closer to the end than this, new lines are followed. */
const NEAR_END = 80;

export function follows(message: Message, before: Message | undefined): boolean {
  if (before === undefined || before.sender !== message.sender) return false;
  return Date.parse(message.sent_at) - Date.parse(before.sent_at) < TOGETHER_MS;
}

interface Props {
  thread: Thread;
  reader: Reader;
  /** Shown while there is not a line. */
  empty: ReactNode;
  onDiscard: (clientId: string) => void;
  /** The list is on the screen; what comes while it is not has not been seen. */
  visible: boolean;
  /** The end is on the screen. */
  onSeen: () => void;
}

/** The lines of a conversation; a screen reader hears new ones politely, whole and in order. */
export function MessageList({ thread, reader, empty, visible, onDiscard, onSeen }: Props) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [behind, setBehind] = useState(false);
  const { messages, unsent } = thread;
  const newestOwn = messages.findLast((message) => message.sender === reader.role)?.seq;
  const last = messages.at(-1)?.seq ?? 0;
  const mine = unsent.at(-1)?.clientId;

  const toEnd = (): void => {
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  };

  useLayoutEffect(() => {
    if (!visible) return;
    // What one has just written is always shown.
    if (atEnd.current || mine !== undefined) {
      toEnd();
      onSeen();
    } else {
      setBehind(true);
    }
    // Only a new line moves the list; `onSeen` may be a new function each time.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [last, mine, visible]);

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    // The keyboard of a phone makes the list shorter: the last line must not hide behind it.
    const observer = new ResizeObserver(() => {
      if (atEnd.current) toEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const scrolled = (): void => {
    const element = box.current;
    if (element === null) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
    if (atEnd.current) {
      setBehind(false);
      onSeen();
    }
  };

  return (
    <div className={css.frame}>
      {/* The list scrolls, so it takes focus: the keyboard must reach every line. */}
      <div
        ref={box}
        className={css.box}
        onScroll={scrolled}
        role="log"
        aria-label={t("visit.chat.log")}
        tabIndex={0}
      >
        {messages.length + unsent.length === 0 ? (
          empty
        ) : (
          <ol className={css.list}>
            {messages.map((message, index) => (
              <MessageLine
                key={message.seq}
                message={message}
                reader={reader}
                follows={follows(message, messages[index - 1])}
                newest={message.seq === newestOwn && message.seq === last && unsent.length === 0}
              />
            ))}
            {unsent.map((one) => (
              <UnsentLine key={one.clientId} one={one} onDiscard={onDiscard} />
            ))}
          </ol>
        )}
      </div>
      {behind && (
        <Button className={css.newer ?? ""} size="small" icon="down" onClick={toEnd}>
          {t("visit.chat.newer")}
        </Button>
      )}
    </div>
  );
}
