import { describe, expect, it } from "vitest";
import type { Line } from "../wire/generated";
import {
  AT_THE_TOP,
  type Companion,
  decline,
  type Ladder,
  needsPictures,
  NOTHING_SPARED,
  type Proposal,
  proposal,
  type Situation,
  TIMES,
  watch,
} from "./ladder";
import { GOOD } from "./quality";
import { dice } from "./testing/dice";

const BAD: Line = { word: "bad", reason: "loss", way: "down" };
const WEAK: Line = { ...BAD, word: "weak" };
const FRIEND: Companion = { line: GOOD, sound_first: false, communication: "speech" };
const CALM: Situation = {
  at: 0,
  steady: true,
  own: GOOD,
  communication: "speech",
  others: [FRIEND],
  spared: NOTHING_SPARED,
  sends: true,
  gets: true,
  chat: true,
};

/** Somebody on the ladder, looked at once a second as a call is. */
class Climber {
  ladder: Ladder = AT_THE_TOP;
  now: Situation;

  constructor(part: Partial<Situation> = {}) {
    this.now = { ...CALM, ...part };
  }

  look(): Proposal | null {
    this.ladder = watch(this.ladder, this.now);
    return proposal(this.ladder, this.now);
  }

  /** What is proposed in each of so many seconds. */
  pass(seconds: number, part: Partial<Situation> = {}): (string | null)[] {
    return Array.from({ length: seconds }, () => {
      this.now = { ...this.now, ...part, at: this.now.at + 1_000 };
      return this.look()?.rung ?? null;
    });
  }

  take(): Proposal {
    const found = this.look();
    if (found === null) throw new Error("nothing is proposed");
    this.now = { ...this.now, spared: found.spared };
    this.look();
    return found;
  }

  refuse(): void {
    const found = this.look();
    if (found === null) throw new Error("nothing is proposed");
    this.ladder = decline(this.ladder, found, this.now.at);
  }
}

describe("the ladder", () => {
  it("proposes sound only after eight bad seconds, and what was good begins anew", () => {
    const one = new Climber();
    expect(one.pass(8, { own: BAD })).toEqual(Array(8).fill(null));
    expect(one.pass(1)).toEqual(["sound"]);
    expect(one.pass(1, { own: WEAK })).toEqual([null]);
    expect(one.pass(8, { own: BAD })).toEqual(Array(8).fill(null));
  });

  it.each([
    ["up", { camera: true, pictures: false }],
    ["down", { camera: false, pictures: true }],
    ["both", { camera: true, pictures: true }],
  ] as const)("gives up what the line can't carry: %s", (way, spared) => {
    const one = new Climber({ own: { ...BAD, way } });
    one.pass(9);
    expect(one.look()).toMatchObject({ rung: "sound", spared, line: { way } });
  });

  it("proposes text where there is nothing to give up, and only where there is text", () => {
    const one = new Climber({ own: { ...BAD, way: "up" }, sends: false });
    expect(one.pass(17).at(-1)).toBe("chat");
    const guest = new Climber({ own: BAD, sends: false, gets: false, chat: false });
    expect(new Set(guest.pass(200))).toEqual(new Set([null]));
  });

  it("proposes text when sound only stays bad, and the picture when the line is good again", () => {
    const one = new Climber({ own: BAD });
    one.pass(9);
    one.take();
    expect(one.pass(14)).toEqual(Array(14).fill(null));
    expect(one.pass(1)).toEqual(["chat"]);
    expect(one.pass(20, { own: GOOD })).toEqual(Array(20).fill(null));
    expect(one.pass(1)).toEqual(["video"]);
    expect(one.take().spared).toEqual(NOTHING_SPARED);
    expect(one.pass(100)).toEqual(Array(100).fill(null));
  });

  it("waits twice as long with what did not last", () => {
    const one = new Climber({ own: BAD });
    for (const wait of [20, 40, 80, 160, 160]) {
      one.pass(9, { own: BAD });
      one.take();
      const seconds = one.pass(200, { own: GOOD }).indexOf("video");
      expect(seconds).toBe(wait);
      one.take();
    }
  });

  it("does not propose again for two minutes what was declined", () => {
    const one = new Climber({ own: BAD });
    one.pass(9);
    one.refuse();
    const later = one.pass(121);
    expect(later.indexOf("sound")).toBe(119);
  });

  it("takes the person's own button for an answer", () => {
    const one = new Climber({ own: BAD });
    one.pass(9);
    one.take();
    one.pass(3);
    one.now = { ...one.now, spared: NOTHING_SPARED };
    expect(new Set(one.pass(110))).toEqual(new Set([null]));
  });

  it("sees that the other can't be heard, who may not find the way to the text", () => {
    const poor = { ...FRIEND, line: BAD, sound_first: true };
    const one = new Climber({ others: [poor] });
    expect(one.pass(16).at(-1)).toBe("chat");
    expect(one.look()).toMatchObject({ others: true, line: BAD });
    expect(new Set(new Climber({ others: [poor, FRIEND] }).pass(60))).toEqual(new Set([null]));
  });

  it("judges nothing while the call is on hold or the line is broken", () => {
    const one = new Climber({ own: BAD });
    one.pass(9);
    expect(one.pass(60, { steady: false })).toEqual(Array(60).fill(null));
    expect(one.pass(8, { steady: true })).toEqual(Array(8).fill(null));
  });
});

describe("where somebody signs or does not hear", () => {
  it.each(["signs", "reads"] as const)("text comes after video: %s", (communication) => {
    for (const part of [{ communication }, { others: [{ ...FRIEND, communication }] }]) {
      const one = new Climber({ own: BAD, ...part });
      expect(needsPictures(one.now)).toBe(true);
      expect(one.pass(9).at(-1)).toBe("chat");
    }
  });

  it("who was on sound only before they came is offered the picture as ever", () => {
    const one = new Climber({ own: BAD });
    one.pass(9);
    one.take();
    one.now = { ...one.now, others: [FRIEND, { ...FRIEND, communication: "signs" }] };
    expect(one.pass(21, { own: GOOD }).at(-1)).toBe("video");
  });
});

const LINES: readonly Line[] = [
  GOOD,
  WEAK,
  BAD,
  { ...BAD, way: "up" },
  { word: "bad", reason: "delay", way: "both" },
  { word: "bad", reason: "bandwidth", way: "down" },
];
const HOW = ["speech", "speech", "speech", "signs", "reads"] as const;

/** A long walk: lines that come and go, people who take part otherwise, answers to what is proposed. */
function walk(seed: number, each: (one: Climber, found: Proposal | null) => void): void {
  const roll = dice(seed);
  const one = new Climber();
  for (let turn = 0; turn < 150; turn += 1) {
    if (roll.below(3) === 0) one.now = { ...one.now, own: roll.pick(LINES) };
    if (roll.below(12) === 0) one.now = { ...one.now, communication: roll.pick(HOW) };
    if (roll.below(8) === 0) {
      const others = Array.from({ length: roll.below(4) }, () => ({
        line: roll.pick(LINES),
        sound_first: roll.below(2) === 0,
        communication: roll.pick(HOW),
      }));
      one.now = { ...one.now, others };
    }
    if (roll.below(15) === 0) one.now = { ...one.now, steady: !one.now.steady };
    if (roll.below(15) === 0) one.now = { ...one.now, sends: !one.now.sends };
    if (roll.below(25) === 0) one.now = { ...one.now, spared: NOTHING_SPARED };
    for (let second = roll.below(30); second >= 0; second -= 1) {
      one.pass(1);
      each(one, one.look());
    }
    const found = one.look();
    if (found !== null && found.rung !== "chat" && roll.below(2) === 0) {
      one.take();
      each(one, one.look());
    } else if (found !== null && roll.below(2) === 0) one.refuse();
  }
}

describe("on any walk", () => {
  const seeds = Array.from({ length: 40 }, (_, seed) => seed);
  const proposed = new Set<string>();

  it.each(seeds)(
    "sound only is proposed to nobody who signs, nor to whom they talk (%i)",
    (seed) => {
      walk(seed, (one, found) => {
        if (found !== null) proposed.add(`${found.rung} ${String(found.others)}`);
        if (found?.rung === "sound") expect(needsPictures(one.now)).toBe(false);
        if (found !== null) expect(one.now.steady).toBe(true);
      });
    },
  );

  it.each(seeds)("nothing comes back within its pause (%i)", (seed) => {
    walk(seed, (one, found) => {
      const declined = found === null ? undefined : one.ladder.declined[found.rung];
      if (declined !== undefined) expect(one.now.at - declined).toBeGreaterThanOrEqual(TIMES.pause);
    });
  });

  it.each(seeds)("no step is proposed before its time (%i)", (seed) => {
    let goodSince: number | null = null;
    let badSince: number | null = null;
    let spared = NOTHING_SPARED;
    walk(seed, (one, found) => {
      const { at, own, steady } = one.now;
      if (spared !== one.now.spared) goodSince = badSince = null;
      spared = one.now.spared;
      goodSince = steady && own.word === "good" ? (goodSince ?? at) : null;
      badSince = steady && own.word === "bad" ? (badSince ?? at) : null;
      if (found?.rung === "video") expect(at - (goodSince ?? at)).toBeGreaterThanOrEqual(TIMES.up);
      if (found !== null && found.rung !== "video" && !found.others) {
        expect(at - (badSince ?? at)).toBeGreaterThanOrEqual(TIMES.down);
      }
    });
  });

  it("meets every step, so that the rest says something", () => {
    for (const seed of seeds) {
      walk(seed, (_, found) => {
        if (found !== null) proposed.add(`${found.rung} ${String(found.others)}`);
      });
    }
    expect([...proposed].sort()).toEqual(
      ["sound false", "video false", "chat false", "chat true"].sort(),
    );
  });
});
