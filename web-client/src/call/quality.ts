/** How good one's own connection is, in words, from the browser's counters. Pure. */

export type Quality = "good" | "weak" | "bad";

/** Counters at one moment; `null` where the browser has none. */
export interface Sample {
  readonly at: number;
  /** Everything that came in, in any unit that rises: to see whether the line is alive. */
  readonly arrived: number | null;
  readonly received: number;
  readonly lost: number;
  readonly framesDecoded: number;
  /** Seconds. */
  readonly roundTrip: number | null;
  /** Share of what we send that does not arrive, 0–1. */
  readonly lostBeyond: number | null;
}

type Stat = Readonly<Record<string, unknown>>;

function number(stat: Stat, key: string): number {
  const value = stat[key];
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function known(stat: Stat, key: string): number | null {
  const value = stat[key];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function worse(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}

export function sample(stats: Iterable<unknown>, at: number): Sample {
  let arrived: number | null = null;
  let received = 0;
  let lost = 0;
  let framesDecoded = 0;
  let roundTrip: number | null = null;
  let lostBeyond: number | null = null;
  for (const value of stats) {
    const stat = value as Stat;
    switch (stat.type) {
      case "inbound-rtp":
        received += number(stat, "packetsReceived");
        lost += Math.max(0, number(stat, "packetsLost"));
        framesDecoded += number(stat, "framesDecoded");
        break;
      case "remote-inbound-rtp":
        lostBeyond = worse(lostBeyond, known(stat, "fractionLost"));
        roundTrip = worse(roundTrip, known(stat, "roundTripTime"));
        break;
      case "candidate-pair":
        // Media and the consent checks of RFC 7675, which go on when nobody speaks.
        arrived =
          (arrived ?? 0) + number(stat, "bytesReceived") + number(stat, "responsesReceived");
        break;
      case "transport":
        arrived = (arrived ?? 0) + number(stat, "bytesReceived");
        break;
      default:
    }
  }
  return { at, arrived, received, lost, framesDecoded, roundTrip, lostBeyond };
}

/** The words for the stretch between two samples. */
export function judge(before: Sample, now: Sample): Quality {
  const received = Math.max(0, now.received - before.received);
  const lost = Math.max(0, now.lost - before.lost);
  const lossIn = received + lost === 0 ? 0 : lost / (received + lost);
  const loss = Math.max(lossIn, now.lostBeyond ?? 0);
  const roundTrip = now.roundTrip ?? 0;
  if (loss >= 0.12 || roundTrip >= 0.9) return "bad";
  if (loss >= 0.04 || roundTrip >= 0.4) return "weak";
  return "good";
}

const STEADY = 3;

export interface Verdict {
  readonly said: Quality;
  readonly leaning: Quality;
  readonly times: number;
  /** When `said` last became bad, to know when to propose sound only. */
  readonly badSince: number | null;
  /** The latest sample. */
  readonly at: number;
}

export const FIRST_VERDICT: Verdict = {
  said: "good",
  leaning: "good",
  times: 0,
  badSince: null,
  at: 0,
};

/** A word that flickers says nothing: it changes after three samples that agree. */
export function settle(verdict: Verdict, latest: Quality, at: number): Verdict {
  const times = latest === verdict.leaning ? verdict.times + 1 : 1;
  const said = times >= STEADY ? latest : verdict.said;
  const badSince = said === "bad" ? (verdict.badSince ?? at) : null;
  return { said, leaning: latest, times, badSince, at };
}

/** After this long in bad quality, sound only is proposed. */
export const PROPOSE_AFTER = 8_000;
/** No packet of any kind for this long is a broken line, whatever the browser still believes. */
export const QUIET_AFTER = 4_000;
