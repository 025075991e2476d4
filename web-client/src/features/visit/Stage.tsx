import type { ReactNode } from "react";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { Avatar, Button, cx, Icon, Spinner } from "../../ui";
import type { Seat } from "../../wire/generated";
import type { Audience, Visit } from "../../wire/types";
import { Holding } from "./Holding";
import type { Person } from "./people";
import type { Scene } from "./scene";
import css from "./Stage.module.css";

interface Props {
  scene: Scene;
  audience: Audience;
  visit: Visit;
  other: Person;
  /** The other's microphone, where it is known. */
  otherMuted: boolean;
  /** What the call itself tells of the other, where there is one other. */
  seat: Seat | null;
  /** The other has just asked for video. */
  asked: boolean;
  entering: boolean;
  onEnter: () => void;
  onAllow: () => void;
  /** Null where sound alone would leave somebody out. */
  onSoundOnly: (() => void) | null;
  onChat: () => void;
  onTakeOver: () => void;
  onResume: () => void;
}

/** What stands where the face will be, in the same place and with the same name. */
export function Stage(props: Props) {
  const { scene, audience, visit, other, otherMuted, asked } = props;
  const t = useT();
  const { time } = useFormat();
  const name = other.name;
  const words = (title: string, text?: string, more?: ReactNode) => (
    <div className={css.words}>
      <Avatar name={name} size={112} />
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {more}
    </div>
  );

  switch (scene) {
    case "called":
      if (audience === "patient") {
        return words(
          t("visit.called.patient.title", { name }),
          t("visit.called.patient.text", { time: time(visit.answer_by) }),
          <Button size="large" icon="video" busy={props.entering} onClick={props.onEnter}>
            {t("visit.called.patient.enter")}
          </Button>,
        );
      }
      return words(
        t("visit.called.staff.title", { name }),
        t("visit.called.staff.text", { name, time: time(visit.answer_by) }),
      );
    case "explaining":
      return (
        <div className={cx(css.words, css.explain)}>
          <span className={css.pair} aria-hidden="true">
            <Icon name="video" size={44} />
            <Icon name="mic" size={44} />
          </span>
          {asked && <p className={css.asked}>{t("visit.explain.asked", { name })}</p>}
          <h2>{t("visit.explain.title")}</h2>
          <p>{t("visit.explain.text", { name })}</p>
          <div className={css.choices}>
            <Button size="large" onClick={props.onAllow}>
              {t("visit.explain.go")}
            </Button>
            {props.onSoundOnly !== null && (
              <Button kind="secondary" icon="mic" onClick={props.onSoundOnly}>
                {t("visit.explain.sound")}
              </Button>
            )}
            <Button kind="secondary" icon="chat" onClick={props.onChat}>
              {t("visit.explain.chat")}
            </Button>
          </div>
        </div>
      );
    case "asking":
      return words(t("visit.asking.title"), t("visit.asking.text"));
    case "connecting":
      return words(
        t("visit.connecting.title", { name }),
        t("visit.connecting.text"),
        <span className={css.lamp} aria-hidden="true" />,
      );
    case "waiting":
      return words(t("visit.waiting.title", { name }), t("visit.waiting.text", { name }));
    case "away":
      return words(t("visit.away.title", { name }), t("visit.away.text", { name }));
    case "left":
      return words(t("visit.left.title", { name }), t("visit.left.text", { name }));
    case "camera_off":
      return words(
        t(props.seat?.sound_first ? "visit.camera_off.sound" : "visit.camera_off.title", { name }),
        t(otherMuted ? "visit.camera_off.silent" : "visit.camera_off.text"),
      );
    case "pictures_off":
      return words(t("visit.pictures_off.title"), t("visit.pictures_off.text", { name }));
    case "on_hold":
      return words(
        t("visit.on_hold.title", { name }),
        t("visit.on_hold.text", { time: time(props.seat?.on_hold_since ?? "") }),
      );
    case "holding":
      return <Holding onResume={props.onResume} />;
    case "picture_late":
      return words(
        t("visit.picture_late.title", { name }),
        t("visit.picture_late.text"),
        <span className={css.lamp} aria-hidden="true" />,
      );
    case "replaced":
      return words(
        t("visit.replaced.title"),
        t("visit.replaced.text"),
        <Button onClick={props.onTakeOver}>{t("visit.replaced.here")}</Button>,
      );
    case "falling":
      return words(
        t("visit.falling.title"),
        t("visit.falling.text"),
        <Spinner label={t("visit.falling.title")} />,
      );
    case "over":
      return words(t("visit.over.title"));
    case "picture":
      return null;
  }
}
