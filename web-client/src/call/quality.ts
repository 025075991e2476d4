/**
 * How good one's own connection is, in words, from the browser's counters. Pure.
 *
 * The relay judges every line in the same way (`signaling/media/verdict.py`), and tells all; of what one
 * sends oneself the browser knows as well, also when no word of the relay comes: the worse of both holds.
 */
import type { Line } from "../wire/generated";
import { LEAST } from "./least";

const RANK = { good: 0, weak: 1, bad: 2 } as const;

export const GOOD: Line = { word: "good", reason: null, way: null };

/** Counters at one moment; `null` where the browser has none. */
export interface Sample {
  readonly at: number;
  /** Everything that came in, in any unit that rises: to see whether the line is alive. */
  readonly arrived: number | null;
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
  let framesDecoded = 0;
  let roundTrip: number | null = null;
  let lostBeyond: number | null = null;
  for (const value of stats) {
    const stat = value as Stat;
    switch (stat.type) {
      case "inbound-rtp":
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
  return { at, arrived, framesDecoded, roundTrip, lostBeyond };
}

/**
 * The word for one moment, why, and which way it is so. What does not come down says nothing here: it
 * may have been lost on somebody else's way up. Which of the two the relay knows.
 */
export function judge({ lostBeyond, roundTrip }: Sample): Line {
  for (const word of ["bad", "weak"] as const) {
    const least = LEAST[word];
    if ((lostBeyond ?? 0) >= least.loss) return { word, reason: "loss", way: "up" };
    if ((roundTrip ?? 0) >= least.roundTrip) return { word, reason: "delay", way: "both" };
  }
  return GOOD;
}

/** Samples that must agree: sooner to the worse than to the better. */
const WORSE_AFTER = 3;
const BETTER_AFTER = 6;

export interface Verdict {
  readonly said: Line;
  /** What was found since it last agreed with what is said. */
  readonly against: readonly Line[];
}

export const FIRST_VERDICT: Verdict = { said: GOOD, against: [] };

function isSame(a: Line, b: Line): boolean {
  return a.word === b.word && a.reason === b.reason && a.way === b.way;
}

/** A word that flickers says nothing: it changes when what speaks against it has lasted. */
export function settle({ said, against }: Verdict, latest: Line): Verdict {
  if (isSame(latest, said)) return { said, against: [] };
  const isWorse = ({ word }: Line): boolean => RANK[word] > RANK[said.word];
  const worse = isWorse(latest);
  const run = [...against.filter((each) => isWorse(each) === worse), latest];
  if (run.length < (worse ? WORSE_AFTER : BETTER_AFTER)) return { said, against: run };
  // What all of it says at least: the mildest of what is worse, the worst of what is better.
  const ranks = run.map(({ word }) => RANK[word]);
  const rank = worse ? Math.min(...ranks) : Math.max(...ranks);
  return { said: run.findLast(({ word }) => RANK[word] === rank) ?? latest, against: [] };
}

/** What two say of one line: the worse word, and all the ways in which it is so. */
export function worseOf(a: Line, b: Line): Line {
  if (RANK[a.word] !== RANK[b.word]) return RANK[a.word] > RANK[b.word] ? a : b;
  return a.way === b.way ? a : { ...a, way: "both" };
}

/** No packet of any kind for this long is a broken line, whatever the browser still believes. */
export const QUIET_AFTER = 4_000;
