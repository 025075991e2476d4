/**
 * The ladder of a poor line: video, then sound only, then text, and up again. Pure.
 *
 * It proposes with the reason, and never acts: a line is poor for a machine, and a person may have
 * reasons to bear with it. Each climbs for oneself, and gives up what one's own line can't carry:
 * one's camera where the way up is poor, the others' pictures where the way down is. Where somebody
 * signs or does not hear, sound alone is no call: there the step below video is text.
 */
import type { Line, Seat } from "../wire/generated";

export type Communication = Seat["communication"];

export const TIMES = {
  /** So long bad before less is proposed. */
  down: 8_000,
  /** So long bad with sound only before text is. */
  chat: 15_000,
  /** So long good before more is; twice as long each time that it did not last. */
  up: 20_000,
  upMost: 160_000,
  /** A line that is bad again within this after a climb was climbed too soon. */
  lasts: 60_000,
  /** What was declined is not proposed again for so long. */
  pause: 120_000,
} as const;

/** What is left out so that the sound comes through: one's own camera, the others' pictures. */
export interface Spared {
  readonly camera: boolean;
  readonly pictures: boolean;
}

export const NOTHING_SPARED: Spared = { camera: false, pictures: false };
export const ALL_SPARED: Spared = { camera: true, pictures: true };

/** Somebody else in the call, as far as it matters here. */
export type Companion = Pick<Seat, "line" | "sound_first" | "communication">;

export interface Situation {
  readonly at: number;
  /** The call is live, and not on hold: otherwise there is nothing to judge. */
  readonly steady: boolean;
  /** One's own line, by the worse of what browser and relay say. */
  readonly own: Line;
  readonly communication: Communication;
  readonly others: readonly Companion[];
  readonly spared: Spared;
  /** One's own camera is sent; somebody's picture comes. */
  readonly sends: boolean;
  readonly gets: boolean;
  /** There is a chat to go on in. */
  readonly chat: boolean;
}

type Rung = "video" | "sound" | "chat";

export interface Proposal {
  readonly rung: Rung;
  /** What would be left out. */
  readonly spared: Spared;
  /** Why; of a line that is good again, nothing. */
  readonly line: Line;
  /** It is the other's line that is poor. */
  readonly others: boolean;
}

export interface Ladder {
  readonly rung: "video" | "sound";
  readonly badSince: number | null;
  readonly goodSince: number | null;
  readonly otherBadSince: number | null;
  readonly declined: Readonly<Partial<Record<Rung, number>>>;
  readonly climbedAt: number | null;
  /** How often in a row a climb did not last. */
  readonly relapses: number;
}

export const AT_THE_TOP: Ladder = {
  rung: "video",
  badSince: null,
  goodSince: null,
  otherBadSince: null,
  declined: {},
  climbedAt: null,
  relapses: 0,
};

function rungOf({ camera, pictures }: Spared): "video" | "sound" {
  return camera || pictures ? "sound" : "video";
}

/** Whether sound alone would leave somebody out. */
export function needsPictures({
  communication,
  others,
}: Pick<Situation, "communication" | "others">): boolean {
  return [communication, ...others.map((each) => each.communication)].some(
    (each) => each !== "speech",
  );
}

function since(before: number | null, holds: boolean, at: number): number | null {
  return holds ? (before ?? at) : null;
}

/** Somebody moved on the ladder, by a proposal or by a button of their own. */
function moved(ladder: Ladder, { at, own }: Situation, rung: "video" | "sound"): Ladder {
  const next = { ...ladder, rung, badSince: null, goodSince: null };
  if (rung === "sound") {
    const soon = ladder.climbedAt !== null && at - ladder.climbedAt < TIMES.lasts;
    return { ...next, relapses: soon ? ladder.relapses + 1 : 0 };
  }
  // Who switches the picture on while the line is poor has answered the next proposal already.
  const declined = own.word === "good" ? ladder.declined : { ...ladder.declined, sound: at };
  return { ...next, climbedAt: at, declined };
}

/** Time has passed, or something is another. */
export function watch(before: Ladder, now: Situation): Ladder {
  const rung = rungOf(now.spared);
  const ladder = rung === before.rung ? before : moved(before, now, rung);
  const { at, steady, own, others } = now;
  const [other] = others;
  const otherBad = others.length === 1 && other?.line.word === "bad";
  return {
    ...ladder,
    badSince: since(ladder.badSince, steady && own.word === "bad", at),
    goodSince: since(ladder.goodSince, steady && own.word === "good", at),
    otherBadSince: since(ladder.otherBadSince, steady && otherBad, at),
  };
}

function lasted(from: number | null, wait: number, at: number): boolean {
  return from !== null && at - from >= wait;
}

function upAfter({ relapses }: Ladder): number {
  return Math.min(TIMES.up * 2 ** relapses, TIMES.upMost);
}

function best(ladder: Ladder, now: Situation): Proposal | null {
  const { at, own, others, spared, chat } = now;
  const text: Proposal = { rung: "chat", spared, line: own, others: false };
  const signed = needsPictures(now);
  if (ladder.rung === "sound") {
    if (lasted(ladder.goodSince, upAfter(ladder), at)) {
      return { rung: "video", spared: NOTHING_SPARED, line: own, others: false };
    }
    if (chat && lasted(ladder.badSince, signed ? TIMES.down : TIMES.chat, at)) return text;
  } else if (lasted(ladder.badSince, TIMES.down, at)) {
    const less: Spared = {
      camera: now.sends && own.way !== "down",
      pictures: now.gets && own.way !== "up",
    };
    if (!signed && rungOf(less) === "sound") {
      return { rung: "sound", spared: less, line: own, others: false };
    }
    if (chat && lasted(ladder.badSince, signed ? TIMES.down : TIMES.chat, at)) return text;
  }
  const [other] = others;
  if (chat && other !== undefined && (signed || other.sound_first)) {
    // They may not find the way by themselves.
    if (lasted(ladder.otherBadSince, TIMES.chat, at)) {
      return { rung: "chat", spared, line: other.line, others: true };
    }
  }
  return null;
}

/** What to propose now, if anything. */
export function proposal(ladder: Ladder, now: Situation): Proposal | null {
  if (!now.steady) return null;
  const found = best(ladder, now);
  if (found === null) return null;
  const declined = ladder.declined[found.rung];
  return declined !== undefined && now.at - declined < TIMES.pause ? null : found;
}

export function decline(ladder: Ladder, { rung }: Proposal, at: number): Ladder {
  return { ...ladder, declined: { ...ladder.declined, [rung]: at } };
}
