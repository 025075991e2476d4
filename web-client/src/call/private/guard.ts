/**
 * Whether everything that left this browser has passed the worker that hides it. Pure.
 *
 * The page gives a browser its transforms and has to believe that they are used. Here what its
 * senders say has left is held against what the worker saw. What left is always read *before* the
 * worker is asked, so that nothing honest can have left that is not in the worker's count yet,
 * however late its answer comes.
 */
import type { Kind } from "./frames";

/** What a sender counts, since its leg began. */
export interface Left {
  /** Packets of sound, frames of a picture. */
  readonly parts: number;
  /** Octets of payload, without what was sent again. */
  readonly bytes: number;
}

/** What the worker counts of the same. */
export interface Passed {
  /** Frames that came to it. */
  readonly seen: number;
  /** Of these, those that went on: hidden, or in the clear while nothing is to be hidden. */
  readonly given: number;
  /** Octets of these, as they went on. */
  readonly bytes: number;
}

export type AllLeft = Readonly<Record<Kind, Left>>;
export type AllPassed = Readonly<Record<Kind, Passed>>;

export const NOTHING_PASSED: Passed = { seen: 0, given: 0, bytes: 0 };
const NOTHING_LEFT: Left = { parts: 0, bytes: 0 };

/** Fewer say nothing: a fifth of a second of sound, a tenth of a picture. */
const AT_LEAST: Readonly<Record<Kind, number>> = { audio: 10, video: 3, screen: 3 };
/** Padding that probes the bandwidth counts as payload, and every packet has a few octets of its own. */
const UNEXPLAINED = 0.25;
/** Packets of sound, two seconds of it: more does not leave while the worker stands still. */
const WITHOUT_ANSWER = 100;

interface Mark {
  readonly left: Left;
  readonly passed: Passed;
}

class KindGuard {
  #origin: Mark = { left: NOTHING_LEFT, passed: NOTHING_PASSED };
  /** The looks before, at most two. */
  #before: readonly Mark[] = [];

  constructor(private readonly kind: Kind) {}

  look(left: Left, passed: Passed): boolean {
    const [older, last] = [this.#before.at(-2), this.#before.at(-1)];
    if (last !== undefined && left.parts < last.left.parts) {
      // The browser counts anew, since some moment between the looks. What the worker had passed
      // when the one before the last ended was before that.
      this.#origin = { left: NOTHING_LEFT, passed: older?.passed ?? NOTHING_PASSED };
      this.#before = [];
    } else if (
      older !== undefined &&
      last !== undefined &&
      // Sound waits in the browser until there is a network, so only the whole says something of
      // it; frames of a picture are counted before they wait.
      this.kind !== "audio" &&
      this.#unexplained({ left: last.left, passed: older.passed }, left, passed)
    ) {
      return true;
    }
    this.#before = [...this.#before, { left, passed }].slice(-2);
    return this.#unexplained(this.#origin, left, passed);
  }

  #unexplained(from: Mark, left: Left, passed: Passed): boolean {
    // A packet of sound leaves after the worker; a frame counts as sent when it is encoded, and
    // one that the worker had no time for never leaves: its octets have to be missing too.
    const through = this.kind === "audio" ? "given" : "seen";
    const parts = left.parts - from.left.parts - (passed[through] - from.passed[through]);
    if (parts < AT_LEAST[this.kind]) return false;
    if (this.kind === "audio") return true;
    const sent = left.bytes - from.left.bytes;
    return sent - (passed.bytes - from.passed.bytes) > UNEXPLAINED * sent;
  }
}

/** One leg's. Looks are to be made about twice a second or so. */
export class Guard {
  readonly #kinds = (["audio", "video", "screen"] as const).map(
    (kind) => [kind, new KindGuard(kind)] as const,
  );

  /** Whether something left that the worker never had. */
  look(left: AllLeft, passed: AllPassed): boolean {
    // Every guard looks, also when one has found something.
    return this.#kinds.map(([kind, guard]) => guard.look(left[kind], passed[kind])).includes(true);
  }

  /**
   * The same of a worker that did not answer for several seconds. Of a picture nothing can be
   * told then: its frames count before they get to the worker.
   */
  silent(before: AllLeft, after: AllLeft): boolean {
    return after.audio.parts - before.audio.parts > WITHOUT_ANSWER;
  }
}

type Stat = Readonly<Record<string, unknown>>;

function number(stat: Stat, ...keys: readonly string[]): number {
  const found = keys.map((key) => stat[key]).find((value) => typeof value === "number");
  return typeof found === "number" && Number.isFinite(found) ? found : 0;
}

/** What a sender's own statistics (W3C WebRTC Statistics, RTCOutboundRtpStreamStats) say. */
export function leftOf(kind: Kind, stats: Iterable<unknown>): Left {
  let [parts, bytes] = [0, 0];
  for (const value of stats) {
    const stat = value as Stat;
    if (stat.type !== "outbound-rtp") continue;
    parts +=
      kind === "audio"
        ? number(stat, "packetsSent") - number(stat, "retransmittedPacketsSent")
        : number(stat, "framesSent", "framesEncoded");
    bytes += number(stat, "bytesSent") - number(stat, "retransmittedBytesSent");
  }
  return { parts, bytes };
}
