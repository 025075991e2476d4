/**
 * Who speaks, by how loud it is in each slot. A word that flickers says nothing and a picture that
 * jumps at every cough is worse than none, so both wait to be sure. Pure.
 */

/** Of full scale; speech lies well above the first, a quiet room below the second. */
const LOUD = 0.02;
const QUIET = 0.01;
/** Milliseconds: loud for so long is speech; quiet for so long is a pause that has ended it. */
const BEGINS_MS = 300;
const ENDS_MS = 1_200;
/** So long the picture stays at least, and so long another must have spoken to get it. */
const HOLDS_MS = 2_000;
const EARNS_MS = 800;
/** Two who speak at once: the picture goes to who is clearly louder, for this long. */
const LOUDER = 1.5;
const INSISTS_MS = 2_500;
/** How much of the latest level is in the smoothed one, each time. */
const SHARE = 0.25;

interface Voice {
  readonly level: number;
  readonly talking: boolean;
  /** Since when it has been as it now is: above the limit while silent, below it while talking. */
  readonly turning: number | null;
  readonly talkingSince: number | null;
  /** Since when it has been clearly louder than the speaker's. */
  readonly louderSince: number | null;
}

export interface Voices {
  readonly of: ReadonlyMap<string, Voice>;
  readonly speaker: string | null;
  /** When the speaker last changed. */
  readonly since: number;
}

export const SILENCE: Voices = { of: new Map(), speaker: null, since: -HOLDS_MS };

const NEW: Voice = {
  level: 0,
  talking: false,
  turning: null,
  talkingSince: null,
  louderSince: null,
};

function listen(before: Voice, level: number, at: number): Voice {
  const smoothed = before.level + (level - before.level) * SHARE;
  const turns = before.talking ? level < QUIET : level > LOUD;
  if (!turns) return { ...before, level: smoothed, turning: null };
  const turning = before.turning ?? at;
  const turned = at - turning >= (before.talking ? ENDS_MS : BEGINS_MS);
  if (!turned) return { ...before, level: smoothed, turning };
  const talking = !before.talking;
  return {
    ...before,
    level: smoothed,
    talking,
    turning: null,
    talkingSince: talking ? turning : null,
  };
}

function next(
  of: ReadonlyMap<string, Voice>,
  before: Voices,
  apart: string | null,
  at: number,
): string | null {
  const { speaker } = before;
  const current = speaker === null ? undefined : of.get(speaker);
  if (current !== undefined && at - before.since < HOLDS_MS) return speaker;
  let best: string | null = null;
  let longest = -1;
  for (const [id, voice] of of) {
    if (id === speaker || id === apart || voice.talkingSince === null) continue;
    const lasted = at - voice.talkingSince;
    const insists = voice.louderSince !== null && at - voice.louderSince >= INSISTS_MS;
    const may = current?.talking === true ? insists : lasted >= EARNS_MS;
    if (may && lasted > longest) [best, longest] = [id, lasted];
  }
  return best ?? (current === undefined ? null : speaker);
}

/**
 * One more look: `levels` are 0–1, by participant, of all who are there. Who is `apart` is large as it
 * is, and takes the speaker's place from nobody.
 */
export function hear(
  last: Voices,
  levels: ReadonlyMap<string, number>,
  apart: string | null,
  at: number,
): Voices {
  const before =
    last.speaker !== null && last.speaker === apart ? { ...last, speaker: null } : last;
  const reference = before.speaker === null ? 0 : (before.of.get(before.speaker)?.level ?? 0);
  const of = new Map<string, Voice>();
  for (const [id, level] of levels) {
    const voice = listen(before.of.get(id) ?? NEW, level, at);
    const louder = voice.talking && voice.level > reference * LOUDER;
    of.set(id, { ...voice, louderSince: louder ? (voice.louderSince ?? at) : null });
  }
  const speaker = next(of, before, apart, at);
  return { of, speaker, since: speaker === before.speaker ? before.since : at };
}

/** Everybody who speaks now, for the mark at their pictures. */
export function talking({ of }: Voices): readonly string[] {
  return [...of].filter(([, voice]) => voice.talking).map(([id]) => id);
}
