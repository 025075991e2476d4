import { useCallback, useEffect, useRef, useState } from "react";
import { useT } from "../../i18n";
import type { DeviceState, Opened } from "../../media/check";
import { type ChosenDevices, chosenDevices } from "../../media/chosen";
import { Button, Notice } from "../../ui";
import css from "./DeviceCheck.module.css";
import type { Findings } from "./findings";
import { Network } from "./Network";
import { Part, Pick } from "./Part";
import { Speaker } from "./Speaker";
import { useHearing } from "./useCheck";
import { useEcho } from "./useEcho";

function Preview({ stream }: { stream: MediaStream }) {
  const t = useT();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return (
    <video
      ref={video}
      className={css.preview}
      autoPlay
      muted
      playsInline
      aria-label={t("patient.check.mirror")}
    />
  );
}

function Microphone({
  stream,
  onHearing,
}: {
  stream: MediaStream;
  onHearing: (hearing: Findings["hearing"]) => void;
}) {
  const t = useT();
  const { level, hearing } = useHearing(stream);
  useEffect(() => onHearing(hearing), [hearing, onHearing]);
  return (
    <>
      <div
        className={css.meter}
        role="meter"
        aria-label={t("patient.check.level")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(level * 100)}
      >
        {Array.from({ length: 16 }, (_, index) => (
          <span key={index} data-on={level * 16 > index || undefined} />
        ))}
      </div>
      <div role="status">
        {hearing === "heard" && <Notice tone="ok">{t("patient.check.mic_heard")}</Notice>}
        {hearing === "listening" && (
          <Notice tone="info" icon="mic">
            {t("patient.check.mic_listen")}
          </Notice>
        )}
        {hearing === "silent" && <Notice tone="warn">{t("patient.check.mic_silent")}</Notice>}
      </div>
    </>
  );
}

function Fault({
  device,
  state,
  onRetry,
}: {
  device: "camera" | "mic";
  state: Exclude<DeviceState, "ok">;
  onRetry: () => void;
}) {
  const t = useT();
  return (
    <Notice
      tone="warn"
      actions={
        <Button kind="secondary" size="small" icon="refresh" onClick={onRetry}>
          {t("common.retry")}
        </Button>
      }
    >
      {t(`patient.check.${device}_${state}`)}
    </Notice>
  );
}

interface Props {
  opened: Opened;
  devices: MediaDeviceInfo[];
  onChoose: (part: ChosenDevices) => void;
  onRetry: () => void;
  findings: Findings;
  onFound: (part: Partial<Findings>) => void;
}

export function LiveCheck({ opened, devices, onChoose, onRetry, findings, onFound }: Props) {
  const t = useT();
  const chosen = chosenDevices.get();
  const { stream, camera, microphone } = opened;
  const [attempt, setAttempt] = useState(0);
  const echo = useEcho(stream, attempt);
  useEffect(() => onFound({ network: echo.result }), [echo.result, onFound]);
  const heard = useCallback((hearing: Findings["hearing"]) => onFound({ hearing }), [onFound]);
  return (
    <>
      <Part icon="video" title={t("patient.check.camera")}>
        {camera === "ok" ? (
          <>
            <Preview stream={stream} />
            <Notice tone="ok">{t("patient.check.camera_ok")}</Notice>
          </>
        ) : (
          <Fault device="camera" state={camera} onRetry={onRetry} />
        )}
        <Pick
          kind="videoinput"
          label={t("patient.check.choose_camera")}
          devices={devices}
          value={chosen.camera}
          onChoose={(id) => onChoose({ camera: id })}
        />
      </Part>
      <Part icon="mic" title={t("patient.check.microphone")}>
        {microphone === "ok" ? (
          <Microphone key={stream.id} stream={stream} onHearing={heard} />
        ) : (
          <Fault device="mic" state={microphone} onRetry={onRetry} />
        )}
        <Pick
          kind="audioinput"
          label={t("patient.check.choose_microphone")}
          devices={devices}
          value={chosen.microphone}
          onChoose={(id) => onChoose({ microphone: id })}
        />
      </Part>
      <Part icon="speaker" title={t("patient.check.speaker")}>
        <Speaker
          echo={microphone === "ok" ? echo.stream : null}
          answer={findings.speaker}
          onAnswer={(speaker) => onFound({ speaker })}
        >
          <Pick
            kind="audiooutput"
            label={t("patient.check.choose_speaker")}
            devices={devices}
            value={chosen.speaker}
            onChoose={(id) => onChoose({ speaker: id })}
          />
        </Speaker>
      </Part>
      <Part icon="globe" title={t("patient.check.network")}>
        <Network echo={echo} onAgain={() => setAttempt(attempt + 1)} />
      </Part>
    </>
  );
}
