import { useEffect, useRef, useState } from "react";
import type { CallView } from "../../call/view";
import { PROPOSE_AFTER } from "../../call/quality";
import { useAnnounce } from "../../app/announce";
import { useT } from "../../i18n";
import { Button, Icon, Notice } from "../../ui";
import type { LiveAudience } from "../../wire/types";
import { LineNotice } from "./LineNotice";
import { PrivacyNotices } from "./private/PrivacyNotices";
import css from "./Stage.module.css";

interface Props {
  audience: LiveAudience;
  view: CallView;
  name: string;
  sendsPicture: boolean;
  onPictureOff: () => void;
  /** Left out for who takes no part in the chat. */
  onChat: (() => void) | null;
  onNoticeRead: () => void;
  onStopSharing: () => void;
}

/** What the call has to say for itself. Focus never moves to it, and nothing is forced. */
export function StageNotices(props: Props) {
  const { audience, view, name, sendsPicture, onPictureOff, onChat, onNoticeRead, onStopSharing } =
    props;
  const t = useT();
  const announce = useAnnounce();
  const { shown, verdict, state } = view;
  const broken = shown === "reconnecting" || shown === "offers";
  const [carryOn, setCarryOn] = useState<number | null>(null);

  const was = useRef(false);
  useEffect(() => {
    if (was.current && !broken && state.phase === "live") announce(t("visit.back"));
    was.current = broken;
  }, [announce, broken, state.phase, t]);

  const poor =
    !broken &&
    state.phase === "live" &&
    verdict.badSince !== null &&
    verdict.badSince !== carryOn &&
    verdict.at - verdict.badSince >= PROPOSE_AFTER;

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
                {sendsPicture && (
                  <Button kind="secondary" size="small" icon="mic" onClick={onPictureOff}>
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
      {poor && (
        <Notice
          tone="warn"
          title={t("visit.poor.title")}
          actions={
            <>
              {sendsPicture && (
                <Button size="small" icon="videoOff" onClick={onPictureOff}>
                  {t("visit.poor.sound")}
                </Button>
              )}
              {onChat && (
                <Button kind="secondary" size="small" icon="chat" onClick={onChat}>
                  {t("visit.poor.chat")}
                </Button>
              )}
              <Button kind="quiet" size="small" onClick={() => setCarryOn(verdict.badSince)}>
                {t("visit.poor.dismiss")}
              </Button>
            </>
          }
        >
          {sendsPicture && t("visit.poor.text")}
        </Notice>
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
