import { describe, expect, it } from "vitest";
import { dice } from "../../../call/testing/dice";
import { hear, SILENCE, talking, type Voices } from "./voices";

const STEP = 200;

/** Plays levels for so many milliseconds, looked at five times a second. */
function play(
  before: Voices,
  from: number,
  ms: number,
  levels: Record<string, number>,
  apart: string | null = null,
): Voices {
  let voices = before;
  for (let at = from; at < from + ms; at += STEP) {
    voices = hear(voices, new Map(Object.entries(levels)), apart, at);
  }
  return voices;
}

describe("who speaks", () => {
  it("is nobody in a quiet room", () => {
    const voices = play(SILENCE, 0, 10_000, { anna: 0.005, bo: 0.001 });
    expect(talking(voices)).toEqual([]);
    expect(voices.speaker).toBeNull();
  });

  it("is not who coughs once", () => {
    const voices = play(SILENCE, 0, STEP, { anna: 0.5, bo: 0 });
    expect(talking(play(voices, STEP, 400, { anna: 0, bo: 0 }))).toEqual([]);
  });

  it("is who goes on, through the pauses between words", () => {
    let voices = play(SILENCE, 0, 1_400, { anna: 0.1, bo: 0 });
    expect(talking(voices)).toEqual(["anna"]);
    expect(voices.speaker).toBe("anna");
    voices = play(voices, 1_400, 800, { anna: 0, bo: 0 });
    expect(talking(voices)).toEqual(["anna"]);
    voices = play(voices, 2_200, 1_000, { anna: 0, bo: 0 });
    expect(talking(voices)).toEqual([]);
    expect(voices.speaker).toBe("anna");
  });

  it("becomes the next one when the first is done", () => {
    let voices = play(SILENCE, 0, 3_000, { anna: 0.1, bo: 0 });
    voices = play(voices, 3_000, 800, { anna: 0, bo: 0.1 });
    expect(voices.speaker).toBe("anna");
    voices = play(voices, 3_800, 1_200, { anna: 0, bo: 0.1 });
    expect(voices.speaker).toBe("bo");
  });

  it("stays while both speak equally loud, and goes to who is clearly louder for a while", () => {
    const both = { anna: 0.1, bo: 0 };
    let voices = play(SILENCE, 0, 3_000, both);
    voices = play(voices, 3_000, 10_000, { anna: 0.1, bo: 0.11 });
    expect(voices.speaker).toBe("anna");
    expect(talking(voices)).toEqual(["anna", "bo"]);
    voices = play(voices, 13_000, 6_000, { anna: 0.05, bo: 0.3 });
    expect(voices.speaker).toBe("bo");
  });

  it("is not somebody who has left", () => {
    const voices = play(SILENCE, 0, 3_000, { anna: 0.1, bo: 0 });
    expect(hear(voices, new Map([["bo", 0]]), null, 3_000).speaker).toBeNull();
  });

  it("is not who is large as it is, though they talk: the other's place is left to the others", () => {
    let voices = play(SILENCE, 0, 3_000, { anna: 0.1, bo: 0 }, "bo");
    voices = play(voices, 3_000, 6_000, { anna: 0, bo: 0.3 }, "bo");
    expect(voices.speaker).toBe("anna");
    expect(talking(voices)).toEqual(["bo"]);
    // It was bo's place when bo began to sign.
    voices = play(SILENCE, 0, 3_000, { anna: 0, bo: 0.1 });
    expect(play(voices, 3_000, 200, { anna: 0, bo: 0.1 }, "bo").speaker).toBeNull();
  });

  it("never changes sooner than two seconds after the last time, and only to who is there", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const roll = dice(seed);
      let voices = SILENCE;
      let changed = -Infinity;
      for (let at = 0; at < 30_000; at += STEP) {
        const levels = new Map(["anna", "bo", "cia"].map((id) => [id, roll.below(100) / 300]));
        const after = hear(voices, levels, null, at);
        if (after.speaker !== voices.speaker) {
          if (voices.speaker !== null) expect(at - changed).toBeGreaterThanOrEqual(2_000);
          expect(levels.has(after.speaker ?? "")).toBe(true);
          changed = at;
        }
        voices = after;
      }
      expect(changed).toBeGreaterThan(-Infinity);
    }
  });
});
