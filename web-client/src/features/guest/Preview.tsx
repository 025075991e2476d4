import { useEffect, useRef, useState } from "react";
import { useT } from "../../i18n";
import { MediaTrouble, openMedia, type Trouble } from "../../media/check";
import { chosenDevices } from "../../media/chosen";
import { meter } from "../../media/meter";
import { Button, Card, Checkbox, Notice, PermissionHelp } from "../../ui";
import css from "./Guest.module.css";

type State =
  | { readonly stage: "before" | "asking" }
  | { readonly stage: "open"; readonly stream: MediaStream }
  | { readonly stage: "trouble"; readonly trouble: Trouble };

const HEARD = 0.3;

interface Props {
  /** The camera may be off: of who signs or reads it is a part of the talk. */
  choice: boolean;
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** To look and listen before one is let in; nothing of it leaves the browser. */
export function Preview({ choice }: Props) {
  const t = useT();
  const [state, setState] = useState<State>({ stage: "before" });
  const [camera, setCamera] = useState(() => chosenDevices.get().camera_on ?? true);
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const open = async (): Promise<void> => {
    setState({ stage: "asking" });
    try {
      const { stream } = await openMedia();
      if (here.current) setState({ stage: "open", stream });
      else stop(stream);
    } catch (error) {
      const trouble = error instanceof MediaTrouble ? error.trouble : "busy";
      if (here.current) setState({ stage: "trouble", trouble });
    }
  };
  return (
    <Card as="section" className={css.preview}>
      <h2>{t("guest.preview.title")}</h2>
      {state.stage !== "open" && <p>{t("guest.preview.text")}</p>}
      {state.stage === "open" && <Open stream={state.stream} />}
      {state.stage === "trouble" &&
        (state.trouble === "denied" ? (
          <PermissionHelp device="both" />
        ) : (
          <Notice tone="warn" live="assertive">
            {t("guest.preview.trouble")}
          </Notice>
        ))}
      {state.stage !== "open" && (
        <Button
          kind="secondary"
          icon="video"
          busy={state.stage === "asking"}
          onClick={() => void open()}
        >
          {t("guest.preview.open")}
        </Button>
      )}
      {choice && (
        <Checkbox
          label={t("guest.preview.camera")}
          checked={camera}
          onChange={({ target }) => {
            setCamera(target.checked);
            chosenDevices.set({ camera_on: target.checked });
          }}
        />
      )}
    </Card>
  );
}

function Open({ stream }: { stream: MediaStream }) {
  const t = useT();
  const video = useRef<HTMLVideoElement>(null);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = stream;
    const silence = meter(stream, (level) => {
      if (level >= HEARD) setHeard(true);
    });
    return () => {
      silence();
      stop(stream);
    };
  }, [stream]);
  return (
    <>
      {stream.getVideoTracks().length > 0 && (
        <video
          ref={video}
          data-own=""
          autoPlay
          muted
          playsInline
          aria-label={t("guest.preview.mirror")}
        />
      )}
      <p role="status">{t(heard ? "visit.level.heard" : "guest.preview.say")}</p>
    </>
  );
}
