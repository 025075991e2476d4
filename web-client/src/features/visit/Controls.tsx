import { type ReactNode, useState } from "react";
import { type MessageKey, useT } from "../../i18n";
import { cx, Dialog, Icon, type IconName, VisuallyHidden } from "../../ui";
import css from "./Controls.module.css";
import { MicLevel } from "./MicLevel";

interface ControlProps {
  name: string;
  icon: IconName;
  /** A switch keeps its name and says by `aria-pressed` how it stands. */
  pressed?: boolean;
  /** Being off is worth a second look: nobody hears, or nobody sees. */
  watched?: boolean;
  /** Shown under the name for who sees; `aria-pressed` says it to who listens. */
  state?: string;
  badge?: number;
  badgeWords?: string;
  keys?: string;
  expanded?: boolean;
  /** Which panel of the room this button opens: focus comes back here when that closes. */
  opens?: "chat" | "aside";
  danger?: boolean;
  onClick: () => void;
}

function Control(props: ControlProps) {
  const {
    name,
    icon,
    pressed,
    state,
    badge = 0,
    badgeWords,
    keys,
    expanded,
    danger,
    watched,
  } = props;
  return (
    <button
      type="button"
      className={cx(css.control, watched && pressed === false && css.off, danger && css.danger)}
      aria-pressed={pressed}
      aria-expanded={expanded}
      data-opens={props.opens}
      aria-keyshortcuts={keys}
      onClick={props.onClick}
    >
      <span className={css.mark}>
        <Icon name={icon} size={26} />
        {badge > 0 && (
          <span className={css.badge} aria-hidden="true">
            {badge > 9 ? "9+" : badge}
          </span>
        )}
      </span>
      <span className={css.name}>{name}</span>
      {state !== undefined && (
        <span className={css.state} aria-hidden="true">
          {state}
        </span>
      )}
      {badge > 0 && badgeWords !== undefined && (
        <VisuallyHidden>{`, ${badgeWords}`}</VisuallyHidden>
      )}
    </button>
  );
}

export interface ControlSet {
  readonly mic: boolean;
  readonly camera: boolean;
  readonly own: boolean;
  /** Left out where the browser can't share a screen. */
  readonly sharing: boolean | null;
  /** What the others hear of one. */
  readonly voice: MediaStream | null;
  readonly chat: boolean;
  readonly unread: number;
  /** Left out where there is no such panel, or it is always on the page. */
  readonly panel: boolean | null;
  /** How many wait to be let in; left out for who can't look. */
  readonly people: number | null;
  readonly fullscreen: boolean | null;
  /** Microphone and camera mean something just now. */
  readonly inCall: boolean;
  /** Paused: there is nothing to switch but that. */
  readonly onHold: boolean;
  readonly keysOn: boolean;
  /** Few buttons in a row; the rest behind one. */
  readonly narrow: boolean;
  /** As few as can be. */
  readonly tight: boolean;
}

export interface ControlActs {
  readonly mic: () => void;
  readonly camera: () => void;
  readonly own: () => void;
  readonly share: () => void;
  readonly hold: () => void;
  /** Left out for who takes no part in what is written. */
  readonly chat: (() => void) | null;
  readonly panel: () => void;
  readonly people: () => void;
  readonly devices: () => void;
  readonly fullscreen: () => void;
  readonly text: (() => void) | null;
  readonly leave: () => void;
}

export function Controls({ set, act }: { set: ControlSet; act: ControlActs }) {
  const t = useT();
  const [more, setMore] = useState(false);
  const onOff = (on: boolean): string => t(on ? "visit.on" : "visit.off");
  const once = (run: () => void) => () => {
    setMore(false);
    run();
  };

  const live = set.inCall && !set.onHold;
  const hold = set.inCall && (
    <Control
      name={t("visit.control.hold")}
      icon={set.onHold ? "play" : "pause"}
      pressed={set.onHold}
      state={onOff(set.onHold)}
      onClick={once(act.hold)}
    />
  );
  const share = live && set.sharing !== null && (
    <Control
      name={t("visit.control.share")}
      icon="screen"
      pressed={set.sharing}
      state={onOff(set.sharing)}
      onClick={once(act.share)}
    />
  );
  const people = set.people !== null && (
    <Control
      name={t("visit.control.people")}
      icon="people"
      badge={set.people}
      badgeWords={t("visit.people.waiting", { count: set.people })}
      onClick={once(act.people)}
    />
  );
  const rest: ReactNode = (
    <>
      {set.tight && share}
      {set.narrow && people}
      {live && hold}
      {live && (
        <Control
          name={t("visit.control.own")}
          icon="person"
          pressed={set.own}
          state={onOff(set.own)}
          onClick={act.own}
        />
      )}
      <Control name={t("visit.control.devices")} icon="settings" onClick={once(act.devices)} />
      {set.fullscreen !== null && (
        <Control
          name={t("visit.control.fullscreen")}
          icon={set.fullscreen ? "shrink" : "expand"}
          pressed={set.fullscreen}
          state={onOff(set.fullscreen)}
          onClick={once(act.fullscreen)}
        />
      )}
      {set.inCall && act.text && (
        <Control name={t("visit.control.text")} icon="pen" onClick={once(act.text)} />
      )}
    </>
  );
  const toggle = (name: MessageKey, icon: IconName, on: boolean, keys: string, run: () => void) => (
    <Control
      name={t(name)}
      icon={icon}
      pressed={on}
      watched
      state={onOff(on)}
      {...(set.keysOn ? { keys } : {})}
      onClick={run}
    />
  );

  return (
    <div className={css.bar} role="group" aria-label={t("visit.controls")}>
      {set.onHold && hold}
      {live && (
        <>
          <div className={css.withLevel}>
            {toggle("visit.control.mic", set.mic ? "mic" : "micOff", set.mic, "M", act.mic)}
            <MicLevel voice={set.voice} />
          </div>
          {toggle(
            "visit.control.camera",
            set.camera ? "video" : "videoOff",
            set.camera,
            "V",
            act.camera,
          )}
          {!set.tight && share}
        </>
      )}
      {act.chat && (
        <Control
          name={t("visit.control.chat")}
          icon="chat"
          expanded={set.chat}
          opens="chat"
          badge={set.unread}
          badgeWords={t("visit.unread", { count: set.unread })}
          onClick={act.chat}
        />
      )}
      {!set.narrow && people}
      {set.panel !== null && (
        <Control
          name={t("visit.control.panel")}
          icon="document"
          expanded={set.panel}
          opens="aside"
          onClick={act.panel}
        />
      )}
      {set.narrow ? (
        <Control
          name={t("visit.control.more")}
          icon="menu"
          expanded={more}
          onClick={() => setMore(true)}
        />
      ) : (
        rest
      )}
      <Control name={t("visit.control.leave")} icon="leave" danger onClick={act.leave} />
      <Dialog open={more} onClose={() => setMore(false)} title={t("visit.more.title")}>
        <div className={css.more}>{rest}</div>
      </Dialog>
    </div>
  );
}
