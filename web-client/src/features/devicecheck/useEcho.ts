import { useEffect, useState } from "react";
import type { Echo, EchoFailure } from "../../call/echo";
import { chunk } from "../../wire/chunk";
import { useLive, useLiveStatus } from "../../wire/hooks";
import { count, type Counters, measure, type Measured } from "./network";

/** Browsers send little at first: what counts begins after this. */
const SETTLE_MS = 2_000;
const MEASURE_MS = 5_000;
/** The server ends an echo after two minutes; this page does it before, without a fault. */
const LASTS_MS = 110_000;
/** Who has no socket after so long has none for the test. */
const SOCKET_MS = 15_000;

export interface EchoState {
  /** What comes back, as long as it does. */
  readonly stream: MediaStream | null;
  readonly result: Measured | EchoFailure | null;
}

const BEGUN: EchoState = { stream: null, result: null };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function counted(echo: Echo): Promise<Counters | null> {
  const report = await echo.stats();
  return report === null ? null : count(report.values(), performance.now());
}

/** Sends the stream to the server and measures what comes back; anew when `attempt` rises. */
export function useEcho(stream: MediaStream, attempt: number): EchoState {
  const live = useLive("patient");
  const status = useLiveStatus("patient");
  const reachable = status === "connected";
  const [state, setState] = useState(BEGUN);
  // Once there was a socket the echo has its own way of noticing that there is none.
  const [ready, setReady] = useState(reachable);
  if (reachable && !ready) setReady(true);

  useEffect(() => {
    if (ready) return;
    const timer = setTimeout(() => setState({ stream: null, result: "socket" }), SOCKET_MS);
    return () => {
      clearTimeout(timer);
      // There is a socket after all, or it is tried again: what was said of it is no longer so.
      setState(BEGUN);
    };
  }, [ready, attempt]);

  useEffect(() => {
    if (!ready) return;
    let over = false;
    let echo: Echo | null = null;
    let end: ReturnType<typeof setTimeout> | undefined;
    const judge = async (of: Echo): Promise<void> => {
      await pause(SETTLE_MS);
      const from = over ? null : await counted(of);
      await pause(MEASURE_MS);
      const to = over ? null : await counted(of);
      if (over || from === null || to === null) return;
      const picture = stream.getVideoTracks().length > 0;
      setState((now) => ({ ...now, result: measure(from, to, picture) }));
    };
    const begin = async (): Promise<void> => {
      const { openEcho } = await chunk(() => import("../../call/echo"));
      if (over) return;
      const opened = openEcho(live, stream, {
        connected: (back) => {
          // Told again when a short break is over.
          if (over || end !== undefined) return;
          setState({ stream: back, result: null });
          end = setTimeout(() => {
            opened.close();
            setState((now) => ({ ...now, stream: null }));
          }, LASTS_MS);
          void judge(opened);
        },
        failed: (why) => {
          // What was measured stays true when the line breaks afterwards.
          if (!over) setState((now) => ({ stream: null, result: now.result ?? why }));
        },
      });
      echo = opened;
    };
    void begin();
    return () => {
      over = true;
      clearTimeout(end);
      echo?.close();
      setState(BEGUN);
    };
  }, [ready, live, stream, attempt]);
  return state;
}
