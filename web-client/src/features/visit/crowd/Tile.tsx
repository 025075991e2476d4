import { type Translate, useT } from "../../../i18n";
import { type Format, useFormat } from "../../../i18n/format";
import { Avatar, cx, Icon } from "../../../ui";
import type { Seat } from "../../../wire/generated";
import { LineWord } from "../LineWord";
import css from "./Tile.module.css";

interface PinProps {
  name: string;
  pinned: boolean;
  onPin: () => void;
}

function Pin({ name, pinned, onPin }: PinProps) {
  const t = useT();
  return (
    <button
      type="button"
      className={cx(css.pin, pinned && css.pinned)}
      aria-pressed={pinned}
      aria-label={t("people.pin.one", { name })}
      onClick={onPin}
    >
      <Icon name="pin" size={22} />
    </button>
  );
}

interface Props extends PinProps {
  role: string;
  seat: Seat;
  /** One's own link is too thin for pictures just now. */
  held: boolean;
  /** One wants none oneself. */
  off: boolean;
  talking: boolean;
}

/** Why there is no picture, if there is none. */
function gap(
  { camera_on, sound_first, on_hold_since }: Seat,
  { held, off }: Pick<Props, "held" | "off">,
  t: Translate,
  time: Format["time"],
): string | null {
  if (on_hold_since !== null) return t("people.on_hold", { time: time(on_hold_since) });
  if (!camera_on) return t(sound_first ? "people.camera_off.sound" : "people.camera_off");
  if (off) return t("people.pictures_off");
  return held ? t("people.held.picture") : null;
}

/** What stands over a person's picture: who it is, what is off, how it comes, whether they speak. */
export function PersonTile(props: Props) {
  const { name, role, seat, talking, pinned, onPin } = props;
  const t = useT();
  const { time } = useFormat();
  const instead = gap(seat, props, t, time);
  const here = seat.on_hold_since === null;
  const { word } = seat.line;
  return (
    <>
      {instead !== null && (
        <div className={css.off}>
          <Avatar name={name} size={72} />
          <p>{instead}</p>
        </div>
      )}
      {talking && <span className={css.ring} aria-hidden="true" />}
      <figcaption className={css.caption}>
        <span className={css.name}>{name}</span>
        <span className={css.role}>{role}</span>
        {here && (
          <LineWord word={word} className={cx(css.line, word === "good" && css.quiet)}>
            {t(`visit.quality.line.${word}`)}
          </LineWord>
        )}
        {here && !seat.mic_on && (
          <span className={css.state}>
            <Icon name="micOff" size={18} />
            <span className={css.word}>{t("people.mic_off")}</span>
          </span>
        )}
        {here && !seat.pictures_wanted && (
          <span className={css.state}>
            <Icon name="videoOff" size={18} />
            <span className={css.word}>{t("people.no_pictures")}</span>
          </span>
        )}
        {talking && (
          <span className={css.state}>
            <Icon name="speaker" size={18} />
            <span className={css.word}>{t("people.talking")}</span>
          </span>
        )}
      </figcaption>
      <Pin name={name} pinned={pinned} onPin={onPin} />
    </>
  );
}

/** What stands over a screen that somebody shares. */
export function ScreenTile({ name, pinned, onPin }: PinProps) {
  const t = useT();
  const words = t("people.screen.of", { name });
  return (
    <>
      <figcaption className={css.caption}>
        <span className={css.name}>{words}</span>
      </figcaption>
      <Pin name={words} pinned={pinned} onPin={onPin} />
    </>
  );
}
