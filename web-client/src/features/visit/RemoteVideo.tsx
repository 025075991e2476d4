import { type CSSProperties, useEffect, useRef, useState } from "react";
import { chosenDevices } from "../../media/chosen";
import { cx } from "../../ui";
import css from "./Faces.module.css";

/** Where a browser doesn't tell of frames: the server waits no longer for a new sender's first. */
const LATE_MS = 2_000;

interface Props {
  stream: MediaStream | null;
  label: string;
  /** Whose picture the server says it is; null while it says nothing. */
  who: string | null;
  /** False hides the picture; the sound goes on. */
  shown: boolean;
  /** How much of the picture's longer side must be seen, 0–1; the rest may be cut to fill. */
  kept: number;
  /** Changes when another speaker has been chosen. */
  speaker: string;
  /** The browser holds back the sound until somebody presses, or no longer. */
  onHeldBack: (held: boolean) => void;
}

/** Somebody else's picture and sound, or the screen that somebody shares. */
export function RemoteVideo(props: Props) {
  const { stream, label, who, shown, kept, speaker, onHeldBack } = props;
  const ref = useRef<HTMLVideoElement>(null);
  const [shape, setShape] = useState(16 / 9);
  const [seen, setSeen] = useState(who);
  if (seen === null && who !== null) setSeen(who);

  useEffect(() => {
    const video = ref.current;
    if (video === null) return;
    video.srcObject = stream;
    if (stream === null) return;
    video.play().then(
      () => onHeldBack(false),
      // AbortError is only a newer stream taking over.
      (error: unknown) => {
        if (error instanceof DOMException && error.name === "NotAllowedError") onHeldBack(true);
      },
    );
  }, [onHeldBack, stream]);

  useEffect(() => {
    const video = ref.current;
    if (video === null || who === null || who === seen) return undefined;
    // Somebody else sits here now: the last picture of who was here before must not bear their name.
    if (!("requestVideoFrameCallback" in video)) {
      const timer = setTimeout(() => setSeen(who), LATE_MS);
      return () => clearTimeout(timer);
    }
    const next = video.requestVideoFrameCallback(() => setSeen(who));
    return () => video.cancelVideoFrameCallback(next);
  }, [seen, who]);

  useEffect(() => {
    const video = ref.current;
    const wanted = speaker || chosenDevices.get().speaker;
    if (wanted === undefined || wanted === "") return;
    // Safari has one output, and an unplugged speaker is not to be had: the default plays.
    if (video !== null && "setSinkId" in video) video.setSinkId(wanted).catch(() => undefined);
  }, [speaker]);

  return (
    // Live speech: captions come with a speech engine, the chat is beside it meanwhile.
    <video
      ref={ref}
      className={cx(css.remote, shown && (who === null || who === seen) && css.shown)}
      autoPlay
      playsInline
      aria-label={label}
      style={{ "--shape": shape, "--kept": kept } as CSSProperties}
      onResize={({ currentTarget: { videoWidth, videoHeight } }) => {
        if (videoWidth > 0 && videoHeight > 0) setShape(videoWidth / videoHeight);
      }}
    />
  );
}
