import { useCallback, useEffect, useRef, useState } from "react";
import { MediaTrouble, type Opened, openMedia, type Trouble } from "../../media/check";
import { meter } from "../../media/meter";
import { type ChosenDevices, chosenDevices } from "../../media/chosen";

export type CheckState =
  | { stage: "before" }
  | { stage: "asking" }
  | { stage: "live"; opened: Opened }
  | { stage: "trouble"; trouble: Trouble };

/** A device is missing that could be plugged in. */
function lacks(state: CheckState): boolean {
  if (state.stage === "trouble") return state.trouble === "missing";
  if (state.stage !== "live") return false;
  return state.opened.camera === "missing" || state.opened.microphone === "missing";
}

const HEARD_AT = 0.28;
const SILENT_AFTER_MS = 6_000;

/** Camera and microphone for the check: opened on demand, closed when the page is left. */
export function useCheck() {
  const [state, setState] = useState<CheckState>({ stage: "before" });
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
  const stream = useRef<MediaStream | null>(null);
  /** Counts what is opened, so that a late answer to an earlier question lets go again. */
  const turn = useRef(0);

  const close = useCallback(() => {
    for (const track of stream.current?.getTracks() ?? []) track.stop();
    stream.current = null;
  }, []);

  const open = useCallback(async () => {
    close();
    turn.current += 1;
    const mine = turn.current;
    setState({ stage: "asking" });
    try {
      const opened = await openMedia();
      if (mine !== turn.current) {
        for (const track of opened.stream.getTracks()) track.stop();
        return;
      }
      stream.current = opened.stream;
      setState({ stage: "live", opened });
      setDevices(await navigator.mediaDevices.enumerateDevices());
    } catch (error) {
      if (mine !== turn.current) return;
      const trouble = error instanceof MediaTrouble ? error.trouble : "busy";
      setState({ stage: "trouble", trouble });
    }
  }, [close]);

  const choose = useCallback(
    (part: ChosenDevices) => {
      chosenDevices.set(part);
      if (part.camera !== undefined || part.microphone !== undefined) void open();
    },
    [open],
  );

  useEffect(
    () => () => {
      turn.current += 1;
      close();
    },
    [close],
  );

  const opened = state.stage === "live" ? state.opened.stream : null;
  useEffect(() => {
    // Unplugged: what is left is opened anew, and what is missing is said.
    const unplugged = (): void => void open();
    const tracks = opened?.getTracks() ?? [];
    for (const track of tracks) track.addEventListener("ended", unplugged);
    return () => {
      for (const track of tracks) track.removeEventListener("ended", unplugged);
    };
  }, [opened, open]);

  const lacking = lacks(state);
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    const plugged = (): void => {
      // What was missing may be there now; what works is left in peace.
      if (lacking) void open();
      else void media?.enumerateDevices().then(setDevices);
    };
    media?.addEventListener("devicechange", plugged);
    return () => media?.removeEventListener("devicechange", plugged);
  }, [lacking, open]);

  return { state, devices, open, choose };
}

export type Hearing = "listening" | "heard" | "silent";

/** How loud it is now, and whether anything has been heard at all. One stream for its lifetime. */
export function useHearing(stream: MediaStream): { level: number; hearing: Hearing } {
  const [level, setLevel] = useState(0);
  const [hearing, setHearing] = useState<Hearing>("listening");
  useEffect(() => {
    let loud = 0;
    const timer = setTimeout(
      () => setHearing((now) => (now === "listening" ? "silent" : now)),
      SILENT_AFTER_MS,
    );
    const stop = meter(stream, (now) => {
      setLevel(now);
      loud = now > HEARD_AT ? loud + 1 : 0;
      // Two tenths of a second: a knock on the table is not a voice.
      if (loud >= 2) setHearing("heard");
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [stream]);
  return { level, hearing };
}
