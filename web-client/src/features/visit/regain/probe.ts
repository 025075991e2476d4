/** Tries the line as a call would: a picture of nobody to the relay and back, for some seconds. */
import { openEcho } from "../../../call/echo";
import type { Live } from "../../../wire/socket";
import { count, measure } from "../../devicecheck/network";
import type { Found } from "./regain";

const SETTLE_MS = 2_000;
const MEASURE_MS = 5_000;
/** A small picture: enough to see that there is room for one, 350 kB at most each way. */
const PUBLISH = { height: 240, bitrate: 400_000, frame_rate: 15, motion: false } as const;
const WIDTH = 320;
const BLOCK = 8;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Moving noise, which can't be made small: no camera is opened, and nobody is in it. */
function noise(): { stream: MediaStream; stop: () => void } {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = PUBLISH.height;
  const ink = canvas.getContext("2d");
  const draw = (): void => {
    if (ink === null) return;
    for (let x = 0; x < canvas.width; x += BLOCK) {
      for (let y = 0; y < canvas.height; y += BLOCK) {
        ink.fillStyle = `hsl(${String(Math.floor(Math.random() * 360))} 60% 50%)`;
        ink.fillRect(x, y, BLOCK, BLOCK);
      }
    }
  };
  draw();
  const stream = canvas.captureStream(PUBLISH.frame_rate);
  const timer = setInterval(draw, 1_000 / PUBLISH.frame_rate);
  return {
    stream,
    stop: () => {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

export function probe(live: Pick<Live, "emit">): Promise<Found> {
  const picture = noise();
  return new Promise<Found>((resolve) => {
    const tell = (found: Found): void => {
      echo.close();
      picture.stop();
      // A page that nobody looks at draws too seldom to measure anything.
      resolve(document.visibilityState === "visible" ? found : "unknown");
    };
    const judge = async (): Promise<void> => {
      const counted = async () => {
        const report = await echo.stats();
        return report === null ? null : count(report.values(), performance.now());
      };
      await pause(SETTLE_MS);
      const from = await counted();
      await pause(MEASURE_MS);
      const to = await counted();
      if (from === null || to === null) tell("unknown");
      else tell(measure(from, to, true).network === "good" ? "good" : "poor");
    };
    let begun = false;
    const echo = openEcho(
      live,
      picture.stream,
      {
        connected: () => {
          if (begun) return;
          begun = true;
          void judge();
        },
        // Without the socket, or with a server that takes no test now, nothing is known of the line.
        failed: (why) => tell(why === "media" ? "poor" : "unknown"),
      },
      PUBLISH,
    );
  });
}
