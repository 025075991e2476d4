import { describe, expect, it } from "vitest";
import { begin, declined, type Found, type Regain, TIMES, tried } from "./regain";

/** Tries at each moment that it says; what is offered after each, and when. */
function play(from: Regain, ...found: readonly Found[]): { now: Regain; at: number[] } {
  let now = from;
  const at: number[] = [];
  for (const one of found) {
    at.push(now.at);
    now = tried(now, one, now.at);
  }
  return { now, at };
}

describe("the way up from the chat", () => {
  it("is proposed when the line has carried twice in a row, and not before", () => {
    expect(play(begin(0, 0), "good").now.offered).toBe(false);
    const { now, at } = play(begin(0, 0), "good", "good");
    expect(now.offered).toBe(true);
    expect(at).toEqual([20_000, 30_000]);
    expect(play(begin(0, 0), "good", "poor", "good").now.offered).toBe(false);
  });

  it("is tried more and more seldom while the line does not carry", () => {
    const { at } = play(begin(0, 0), "poor", "poor", "poor", "poor", "poor", "poor");
    const waits = at.map((moment, nth) => moment - (at[nth - 1] ?? 0));
    expect(waits).toEqual([20, 40, 80, 160, 160, 160].map((seconds) => seconds * 1_000));
  });

  it("waits longer with what did not last the last time", () => {
    expect(begin(0, 2).at).toBe(4 * TIMES.first);
  });

  it("takes nothing for poor that could not be tried", () => {
    const { now } = play(begin(0, 0), "good", "unknown", "good");
    expect(now).toMatchObject({ offered: true, misses: 0 });
  });

  it("is taken back when the line is poor again before anybody has answered", () => {
    const { now } = play(begin(0, 0), "good", "good", "good");
    expect(now.offered).toBe(true);
    expect(tried(now, "poor", now.at).offered).toBe(false);
  });

  it("leaves who said no in peace for two minutes", () => {
    const { now } = play(begin(0, 0), "good", "good");
    const later = declined(now, 50_000);
    expect(later).toMatchObject({ offered: false, at: 50_000 + TIMES.pause });
    expect(play(later, "good").now.offered).toBe(false);
  });
});
