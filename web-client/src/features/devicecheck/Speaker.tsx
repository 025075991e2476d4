import { type ReactNode, useEffect, useRef, useState } from "react";
import { useT } from "../../i18n";
import { chime } from "../../media/chime";
import { hearLater } from "../../media/hear";
import { Button, Notice } from "../../ui";
import type { EquipmentIn } from "../../wire/types";
import css from "./DeviceCheck.module.css";

type Answer = EquipmentIn["speaker"];

interface Props {
  /** One's own sound as it comes back from the server, while it does. */
  echo: MediaStream | null;
  answer: Answer;
  onAnswer: (answer: Answer) => void;
  /** Choosing another loudspeaker. */
  children: ReactNode;
}

/** A tone, or oneself three seconds later; whether it was heard only the person knows. */
export function Speaker({ echo, answer, onAnswer, children }: Props) {
  const t = useT();
  const [played, setPlayed] = useState<"tone" | "listening" | "self" | "done" | null>(null);
  const stop = useRef<() => void>(() => undefined);
  useEffect(() => () => stop.current(), []);
  const tone = async () => {
    stop.current();
    await chime.unlock();
    chime.play();
    setPlayed("tone");
  };
  const self = (stream: MediaStream) => {
    stop.current();
    setPlayed("listening");
    stop.current = hearLater(
      stream,
      () => setPlayed("self"),
      () => setPlayed("done"),
    );
  };
  const asks = played !== null && played !== "listening";
  return (
    <>
      <div className={css.actions}>
        <Button kind="secondary" icon="speaker" onClick={() => void tone()}>
          {t(played === null ? "patient.check.play" : "patient.check.play_again")}
        </Button>
        {echo !== null && (
          <Button
            kind="secondary"
            icon="mic"
            aria-disabled={played === "listening" || played === "self"}
            onClick={() => {
              if (played !== "listening" && played !== "self") self(echo);
            }}
          >
            {t("patient.check.hear_self")}
          </Button>
        )}
      </div>
      <div role="status">
        {played === "listening" && (
          <Notice tone="info" icon="mic" title={t("patient.check.hear_speak")}>
            {t("patient.check.hear_soon")}
          </Notice>
        )}
        {asks && answer === "untested" && (
          <Notice
            tone="info"
            icon="speaker"
            title={t(played === "tone" ? "patient.check.playing" : "patient.check.hear_now")}
          />
        )}
        {answer === "heard" && <Notice tone="ok">{t("patient.check.speaker_ok")}</Notice>}
        {answer === "not_heard" && <Notice tone="warn">{t("patient.check.not_heard")}</Notice>}
      </div>
      {asks && (
        <div className={css.actions} role="group" aria-label={t("patient.check.heard_question")}>
          <Button
            kind="secondary"
            icon="check"
            aria-pressed={answer === "heard"}
            onClick={() => onAnswer("heard")}
          >
            {t("patient.check.heard_yes")}
          </Button>
          <Button
            kind="secondary"
            icon="cross"
            aria-pressed={answer === "not_heard"}
            onClick={() => onAnswer("not_heard")}
          >
            {t("patient.check.heard_no")}
          </Button>
        </div>
      )}
      {children}
    </>
  );
}
