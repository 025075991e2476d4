import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useT } from "../../i18n";
import { Button, cx, Icon } from "../../ui";
import css from "./Composer.module.css";
import type { Outbox } from "./outbox";
import { type BodyFault, bodyFault, lengthOf, LONGEST, NEAR_LONGEST } from "./thread";

interface Props {
  to: string;
  outbox: Outbox;
  field: RefObject<HTMLTextAreaElement | null>;
  onSend: (body: string) => void;
}

const DRAFT_MS = 250;
const TALLEST = 168;

/** A keyboard on the glass has no Shift + Enter: there, Enter is a new line and the button sends. */
function hasKeyboard(): boolean {
  return window.matchMedia("(pointer: fine)").matches;
}

export function Composer({ to, outbox, field, onSend }: Props) {
  const t = useT();
  const id = useId();
  const [text, setText] = useState(() => outbox.draft());
  const [fault, setFault] = useState<BodyFault | null>(null);
  const [enterSends] = useState(hasKeyboard);

  useEffect(() => {
    const keep = (): void => outbox.keepDraft(text);
    const timer = setTimeout(keep, DRAFT_MS);
    // A reload comes sooner than the timer.
    window.addEventListener("pagehide", keep);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("pagehide", keep);
      keep();
    };
  }, [outbox, text]);

  const area = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle<HTMLTextAreaElement | null, HTMLTextAreaElement | null>(
    field,
    () => area.current,
  );
  useLayoutEffect(() => {
    const element = area.current;
    // Where the style sheet can, it grows by itself.
    if (element === null || CSS.supports("field-sizing", "content")) return;
    element.style.blockSize = "auto";
    element.style.blockSize = `${Math.min(element.scrollHeight + 4, TALLEST)}px`;
  }, [text]);

  const send = (): void => {
    const found = bodyFault(text);
    setFault(found);
    area.current?.focus();
    if (found !== null) return;
    onSend(text);
    outbox.keepDraft("");
    setText("");
  };

  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // A word being composed (Chinese, Japanese …) is finished with Enter, not sent.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    if (!enterSends) return;
    event.preventDefault();
    send();
  };

  const length = lengthOf(text.trim());
  const near = length >= NEAR_LONGEST;
  const over = length > LONGEST;
  const words = fault === null ? null : t(`visit.chat.error.${fault}`);
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label className="visually-hidden" htmlFor={id}>
        {t("visit.chat.label", { name: to })}
      </label>
      <div className={css.row}>
        <textarea
          ref={area}
          id={id}
          className={css.field}
          rows={1}
          value={text}
          placeholder={t("visit.chat.placeholder")}
          enterKeyHint={enterSends ? "send" : "enter"}
          aria-invalid={fault !== null || over || undefined}
          aria-describedby={`${id}-below`}
          onChange={(event) => {
            setText(event.target.value);
            setFault(null);
          }}
          onKeyDown={pressed}
        />
        <Button type="submit" className={css.send ?? ""} icon="send">
          {t("visit.chat.send")}
        </Button>
      </div>
      <div id={`${id}-below`} className={css.below}>
        {words === null ? (
          enterSends && !near && <p className={css.hint}>{t("visit.chat.hint")}</p>
        ) : (
          <p className={css.fault} role="alert">
            <Icon name="warning" size={18} />
            {words}
          </p>
        )}
        {near && (
          <p className={cx(css.count, over && css.over)}>
            {over
              ? t("common.characters_over", { count: length - LONGEST })
              : t("common.characters_left", { count: LONGEST - length })}
          </p>
        )}
      </div>
    </form>
  );
}
