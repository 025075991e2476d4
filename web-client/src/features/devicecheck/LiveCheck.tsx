import { type ReactNode, useEffect, useRef, useState } from "react";
import { useT } from "../../i18n";
import type { DeviceState, Opened } from "../../media/check";
import { chime } from "../../media/chime";
import { type ChosenDevices, chosenDevices } from "../../media/chosen";
import { Button, Card, Icon, type IconName, Notice, Select } from "../../ui";
import css from "./DeviceCheck.module.css";
import { useHearing } from "./useCheck";

interface PartProps {
  icon: IconName;
  title: string;
  children: ReactNode;
}

function Part({ icon, title, children }: PartProps) {
  return (
    <Card as="section" className={css.part}>
      <h2 className={css.title}>
        <Icon name={icon} />
        {title}
      </h2>
      {children}
    </Card>
  );
}

interface PickProps {
  kind: MediaDeviceKind;
  label: string;
  devices: MediaDeviceInfo[];
  value: string | undefined;
  onChoose: (id: string) => void;
}

/** Shown only when there is something to choose between. */
function Pick({ kind, label, devices, value, onChoose }: PickProps) {
  const t = useT();
  const mine = devices.filter((device) => device.kind === kind && device.deviceId !== "");
  if (mine.length < 2) return null;
  return (
    <Select
      label={label}
      value={value ?? mine[0]?.deviceId ?? ""}
      onChange={(event) => onChoose(event.target.value)}
      options={mine.map((device, index) => ({
        value: device.deviceId,
        label: device.label || t("patient.check.unnamed", { number: index + 1 }),
      }))}
    />
  );
}

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

function Microphone({ stream }: { stream: MediaStream }) {
  const t = useT();
  const { level, hearing } = useHearing(stream);
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

function Speaker({ children }: { children: ReactNode }) {
  const t = useT();
  const [played, setPlayed] = useState(false);
  const play = async () => {
    await chime.unlock();
    chime.play();
    setPlayed(true);
  };
  return (
    <>
      <Button kind="secondary" icon="speaker" onClick={() => void play()}>
        {t(played ? "patient.check.play_again" : "patient.check.play")}
      </Button>
      <div role="status">
        {played && (
          <Notice tone="info" icon="speaker" title={t("patient.check.playing")}>
            {t("patient.check.not_heard")}
          </Notice>
        )}
      </div>
      {children}
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
}

export function LiveCheck({ opened, devices, onChoose, onRetry }: Props) {
  const t = useT();
  const chosen = chosenDevices.get();
  const { stream, camera, microphone } = opened;
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
          <Microphone key={stream.id} stream={stream} />
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
        <Speaker>
          <Pick
            kind="audiooutput"
            label={t("patient.check.choose_speaker")}
            devices={devices}
            value={chosen.speaker}
            onChoose={(id) => onChoose({ speaker: id })}
          />
        </Speaker>
      </Part>
    </>
  );
}
