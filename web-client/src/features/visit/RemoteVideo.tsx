import { type CSSProperties, useEffect, useRef, useState } from "react";
import { chosenDevices } from "../../media/chosen";
import { useT } from "../../i18n";
import { Button, cx } from "../../ui";
import css from "./Stage.module.css";

interface Props {
  stream: MediaStream | null;
  name: string;
  /** False hides the picture; the sound goes on. */
  shown: boolean;
  /** How much of the picture's longer side must be seen, 0–1; the rest may be cut to fill. */
  kept: number;
  /** Changes when another speaker has been chosen. */
  speaker: string;
}

/** The other person. Browsers may hold back sound until somebody presses: then a button does it. */
export function RemoteVideo({ stream, name, shown, kept, speaker }: Props) {
  const t = useT();
  const ref = useRef<HTMLVideoElement>(null);
  const [heldBack, setHeldBack] = useState(false);
  const [shape, setShape] = useState(16 / 9);

  const play = (): void => {
    ref.current?.play().then(
      () => setHeldBack(false),
      // AbortError is only a newer stream taking over.
      (error: unknown) =>
        setHeldBack(error instanceof DOMException && error.name === "NotAllowedError"),
    );
  };

  useEffect(() => {
    const video = ref.current;
    if (video === null) return;
    video.srcObject = stream;
    if (stream !== null) play();
  }, [stream]);

  useEffect(() => {
    const video = ref.current;
    const wanted = speaker || chosenDevices.get().speaker;
    if (wanted === undefined || wanted === "") return;
    // Safari has one output, and an unplugged speaker is not to be had: the default plays.
    if (video !== null && "setSinkId" in video) video.setSinkId(wanted).catch(() => undefined);
  }, [speaker]);

  return (
    <>
      {/* Live speech: captions come with a speech engine, the chat is beside it meanwhile. */}
      <video
        ref={ref}
        className={cx(css.remote, shown && css.shown)}
        autoPlay
        playsInline
        aria-label={t("visit.remote.label", { name })}
        style={{ "--shape": shape, "--kept": kept } as CSSProperties}
        onResize={({ currentTarget: { videoWidth, videoHeight } }) => {
          if (videoWidth > 0 && videoHeight > 0) setShape(videoWidth / videoHeight);
        }}
      />
      {heldBack && stream !== null && (
        <div className={css.heldBack} role="alert">
          <p>{t("visit.sound.title")}</p>
          <Button icon="speaker" onClick={play}>
            {t("visit.sound.start")}
          </Button>
        </div>
      )}
    </>
  );
}
