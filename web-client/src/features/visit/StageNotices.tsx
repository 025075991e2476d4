import { useEffect, useRef } from "react";
import { useAnnounce } from "../../app/announce";
import { ALL_SPARED } from "../../call/ladder";
import { useT } from "../../i18n";
import { Button, Icon, Notice } from "../../ui";
import type { LiveAudience } from "../../wire/types";
import { LineNotice } from "./LineNotice";
import { PrivacyNotices } from "./private/PrivacyNotices";
import { Proposed } from "./Proposed";
import { Spared } from "./Spared";
import css from "./Stage.module.css";
import type { Call } from "./useCall";

interface Props {
  audience: LiveAudience;
  call: Call;
  name: string;
  sendsPicture: boolean;
  /** Left out for who takes no part in the chat. */
  onChat: (() => void) | null;
  onNoticeRead: () => void;
  onStopSharing: () => void;
}

/** What the call has to say for itself. Focus never moves to it, and nothing is forced. */
export function StageNotices(props: Props) {
  const { audience, call, name, sendsPicture, onChat, onNoticeRead, onStopSharing } = props;
  const t = useT();
  const announce = useAnnounce();
  const { engine, view } = call;
  const { shown, state, advice } = view;
  const broken = shown === "reconnecting" || shown === "offers";

  // A step of the ladder, so that the picture is proposed again when the line is good.
  const soundOnly = (): void => engine.tell({ type: "spare", spared: ALL_SPARED });

  const was = useRef(false);
  useEffect(() => {
    if (was.current && !broken && state.phase === "live") announce(t("visit.back"));
    was.current = broken;
  }, [announce, broken, state.phase, t]);

  return (
    // On the page before it has anything to say: only so is what comes into it read out.
    <div className={css.notices} aria-live="polite">
      {state.sharing && (
        <p className={css.sharing}>
          <Icon name="screen" size={22} />
          <span>{t("visit.screen.sharing")}</span>
          <Button kind="danger" size="small" onClick={onStopSharing}>
            {t("visit.screen.stop")}
          </Button>
        </p>
      )}
      {broken && (
        <Notice
          tone="warn"
          icon="refresh"
          title={t("visit.reconnecting.title")}
          actions={
            shown === "offers" && (
              <>
                {sendsPicture && !advice.needsPictures && (
                  <Button kind="secondary" size="small" icon="mic" onClick={soundOnly}>
                    {t("visit.reconnecting.sound")}
                  </Button>
                )}
                {onChat && (
                  <Button size="small" icon="chat" onClick={onChat}>
                    {t("visit.reconnecting.chat")}
                  </Button>
                )}
              </>
            )
          }
        >
          {t(shown === "offers" ? "visit.reconnecting.offer" : "visit.reconnecting.text")}
        </Notice>
      )}
      {!broken && state.phase === "live" && <LineNotice audience={audience} during="call" />}
      <PrivacyNotices view={view} quiet={broken} />
      {!broken && <Spared call={call} />}
      {!broken && advice.proposal !== null && (
        <Proposed engine={engine} proposal={advice.proposal} name={name} />
      )}
      {state.notice !== null && !broken && (
        <Notice
          tone="info"
          actions={
            <Button kind="quiet" size="small" onClick={onNoticeRead}>
              {t("visit.notice.read")}
            </Button>
          }
        >
          {t(`visit.notice.${state.notice}`, { name })}
        </Notice>
      )}
    </div>
  );
}
