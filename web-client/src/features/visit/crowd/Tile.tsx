import { useT } from "../../../i18n";
import { Avatar, cx, Icon } from "../../../ui";
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
  micOn: boolean;
  cameraOn: boolean;
  /** One's own link is too thin for pictures just now. */
  held: boolean;
  talking: boolean;
}

/** What stands over a person's picture: who it is, what is off, and whether they speak. */
export function PersonTile({ name, role, micOn, cameraOn, held, talking, pinned, onPin }: Props) {
  const t = useT();
  return (
    <>
      {(!cameraOn || held) && (
        <div className={css.off}>
          <Avatar name={name} size={72} />
          <p>{t(cameraOn ? "people.held.picture" : "people.camera_off")}</p>
        </div>
      )}
      {talking && <span className={css.ring} aria-hidden="true" />}
      <figcaption className={css.caption}>
        <span className={css.name}>{name}</span>
        <span className={css.role}>{role}</span>
        {!micOn && (
          <span className={css.state}>
            <Icon name="micOff" size={18} />
            <span className={css.word}>{t("people.mic_off")}</span>
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
