import { useEffect, useState } from "react";
import type { CallView } from "../../call/view";
import { useT } from "../../i18n";
import { Button, Icon, LanguageSwitch } from "../../ui";
import type { Role } from "../../wire/types";
import { Connections } from "./Connections";
import type { Person } from "./people";
import { PrivacyButton } from "./private/PrivacyButton";
import css from "./TopBar.module.css";

function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const two = (value: number): string => String(value).padStart(2, "0");
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

function Elapsed({ since }: { since: string }) {
  const t = useT();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const time = clock(now - Date.parse(since));
  return (
    <span className={css.elapsed} role="timer" aria-label={t("visit.elapsed", { time })}>
      <Icon name="clock" size={20} />
      <span aria-hidden="true">{time}</span>
    </span>
  );
}

interface Props {
  other: Person;
  view: CallView;
  /** Whom the visit is with, where that is one of two. */
  theOther: Role | null;
  since: string | null;
  /** The staff's shell has a language control of its own. */
  language: boolean;
  /** Where there are no controls below: the way out, and to staff's panel on a phone. */
  onLeave?: () => void;
  onPanel?: () => void;
  panel?: boolean;
}

/** Who the other is: always here, whatever happens below. */
export function TopBar({ other, view, theOther, since, language, onLeave, onPanel, panel }: Props) {
  const t = useT();
  const { state } = view;
  const live = state.phase === "live" || state.phase === "reconnecting";
  return (
    <header className={css.bar}>
      <div className={css.who}>
        <h1 tabIndex={-1} data-page-heading="">
          {other.name}
        </h1>
        <div className={css.about}>
          <p>{other.about}</p>
          {live && <Connections view={view} name={other.name} theOther={theOther} />}
          <PrivacyButton view={view} />
        </div>
      </div>
      <div className={css.side}>
        {since !== null && <Elapsed since={since} />}
        {language && <LanguageSwitch />}
        {onPanel && (
          <Button
            kind="secondary"
            size="small"
            icon="document"
            aria-expanded={panel}
            data-opens="aside"
            onClick={onPanel}
          >
            {t("visit.control.panel")}
          </Button>
        )}
        {onLeave && (
          <Button kind="secondary" size="small" icon="leave" onClick={onLeave}>
            {t("visit.control.leave")}
          </Button>
        )}
      </div>
    </header>
  );
}
