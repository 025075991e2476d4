import { useState } from "react";
import { cameraFirst } from "../../call/choices";
import { askForDevices, type Devices } from "../../call/devices";
import { chosenDevices } from "../../media/chosen";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { Button, Notice, PermissionHelp } from "../../ui";
import { useAction, useCalmStatus } from "../../wire/hooks";
import type { Audience, Visit } from "../../wire/types";
import { LineNotice } from "./LineNotice";
import css from "./ModeBanner.module.css";
import { roleOf } from "./people";
import { useRegain } from "./regain/useRegain";
import { putMode, useKeepVisit } from "./useVisit";

type Refused = Extract<Devices, { ok: false }>["reason"];

interface Props {
  audience: Audience;
  visit: Visit;
  name: string;
  entering: boolean;
  onEnter: () => void;
  /** The camera is wanted in the call that is to come. */
  onCamera: () => void;
  /** One's own line was poor when the picture went. */
  poor: boolean;
}

/** Why the visit is in chat, to each side in its own words, and the way back to video. */
export function ModeBanner({ audience, visit, name, entering, onEnter, onCamera, poor }: Props) {
  const t = useT();
  const { time } = useFormat();
  const keep = useKeepVisit(audience);
  const [refused, setRefused] = useState<Refused | null>(null);
  const line = useCalmStatus(audience);
  const [wasBlocked, setWasBlocked] = useState(false);
  if (line === "blocked" && !wasBlocked) setWasBlocked(true);
  const reason = visit.mode_reason;
  // Where somebody signs or reads, video without a picture is no video.
  const pictures = visit.communication !== "speech";
  const whose = visit.mode_by === roleOf(audience) ? "you" : "other";
  const began = reason === null || visit.mode_by === null;

  const video = useAction(
    async () => {
      setRefused(null);
      // Asked here first: a "no" stays between me and my browser, and the other is not disturbed.
      const camera = cameraFirst(pictures);
      const devices = await askForDevices({ camera, chosen: chosenDevices.get() });
      if (!devices.ok) {
        setRefused(devices.reason);
        return null;
      }
      for (const track of [devices.audio, devices.video]) track?.stop();
      if (pictures) onCamera();
      return await putMode(audience, visit.id, "video", "chosen");
    },
    { onSuccess: (changed) => changed !== null && keep(changed) },
  );

  // Who lost the line, or gave the picture up for it, is told when it would carry one again.
  const lost = whose === "you" && (reason === "connection_lost" || reason === "media_blocked");
  const regain = useRegain(
    audience,
    visit.id,
    visit.state === "in_progress" && line === "fine" && (poor || lost),
  );

  const text = began
    ? t("visit.chat.mode.started", { name })
    : t(`visit.chat.mode.${reason}.${whose}`, { name });
  const mine = whose === "you" && (reason === "permission_denied" || reason === "no_device");
  if (visit.state === "called") {
    const who = audience === "patient" ? "patient" : "staff";
    const values = { name, time: time(visit.answer_by) };
    return (
      <div className={css.banner}>
        <Notice
          tone="info"
          icon="chat"
          live="polite"
          title={t(`visit.called.${who}.title`, values)}
          actions={
            who === "patient" && (
              <Button icon="forward" busy={entering} onClick={onEnter}>
                {t("visit.called.patient.enter")}
              </Button>
            )
          }
        >
          {t(`visit.called.${who}.text`, values)}
        </Notice>
      </div>
    );
  }
  return (
    <div className={css.banner}>
      <Notice
        tone="info"
        icon="chat"
        live="polite"
        title={t(began ? "visit.chat.mode.started.title" : "visit.chat.mode.title")}
        actions={
          visit.state === "in_progress" &&
          line !== "blocked" && (
            <Button
              kind={began ? "secondary" : "primary"}
              size="small"
              icon="video"
              busy={video.busy}
              onClick={() => video.run(null)}
            >
              {t(began || reason === "chosen" ? "visit.video.start" : "visit.video.try")}
            </Button>
          )
        }
      >
        {text}
      </Notice>
      <LineNotice audience={audience} during="chat" />
      {regain.offered && (
        <Notice
          tone="ok"
          live="polite"
          title={t("visit.regain.title")}
          actions={
            <>
              <Button
                size="small"
                icon="video"
                busy={video.busy}
                onClick={() => {
                  regain.accept();
                  video.run(null);
                }}
              >
                {t("visit.video.start")}
              </Button>
              <Button kind="quiet" size="small" onClick={regain.decline}>
                {t("visit.ladder.video.no")}
              </Button>
            </>
          }
        >
          {t("visit.regain.why")}
        </Notice>
      )}
      {wasBlocked && line === "fine" && (
        <Notice tone="ok" live="polite" title={t("visit.line.back.title")}>
          {t("visit.line.back")}
        </Notice>
      )}
      {(refused !== null || video.error !== null) && (
        <Notice tone="warn" live="assertive" title={t("visit.video.refused.title")}>
          <p>{t(`visit.video.refused.${refused ?? "failed"}`)}</p>
        </Notice>
      )}
      {(refused ?? (mine ? reason : null)) === "permission_denied" && (
        <details className={css.help} open={refused !== null}>
          <summary>{t("visit.video.how")}</summary>
          <PermissionHelp device="both" />
        </details>
      )}
    </div>
  );
}
