import { describe, expect, it } from "vitest";
import type { Line } from "../wire/generated";
import { FIRST_VERDICT, GOOD, judge, sample, settle, type Sample, worseOf } from "./quality";

function at(part: Partial<Sample>): Sample {
  return {
    at: 0,
    arrived: 0,
    framesDecoded: 0,
    roundTrip: null,
    lostBeyond: null,
    ...part,
  };
}

function line(word: Line["word"]): Line {
  return word === "good" ? GOOD : { word, reason: "loss", way: "down" };
}

function settled(...words: readonly Line["word"][]): string[] {
  let verdict = FIRST_VERDICT;
  return words.map((word) => {
    verdict = settle(verdict, line(word));
    return verdict.said.word;
  });
}

describe("quality in words", () => {
  it.each([
    [{}, GOOD],
    [{ lostBeyond: 0.05 }, { word: "weak", reason: "loss", way: "up" }],
    [{ lostBeyond: 0.2 }, { word: "bad", reason: "loss", way: "up" }],
    [{ roundTrip: 0.5 }, { word: "weak", reason: "delay", way: "both" }],
    [
      { lostBeyond: 0.05, roundTrip: 1.2 },
      { word: "bad", reason: "delay", way: "both" },
    ],
  ] as const)("%o is %o", (now, verdict) => {
    expect(judge(at(now))).toEqual(verdict);
  });

  it("gets worse after three that agree, and better after six", () => {
    expect(settled("bad", "bad", "bad")).toEqual(["good", "good", "bad"]);
    const worse = settled("bad", "bad", "bad", ...Array<"good">(6).fill("good"));
    expect(worse.slice(-2)).toEqual(["bad", "good"]);
    expect(worse.slice(2, -1)).not.toContain("good");
  });

  it("is no worse than all that speaks for it, and no better", () => {
    expect(settled("bad", "weak", "bad").at(-1)).toBe("weak");
    const better = [...Array<"good">(5).fill("good"), "weak"] as const;
    expect(settled("bad", "bad", "bad", ...better).at(-1)).toBe("weak");
  });

  it("does not flicker", () => {
    const wavering = Array.from({ length: 40 }, (_, n) => (n % 3 === 2 ? "good" : "bad"));
    expect(new Set(settled(...(wavering as Line["word"][])))).toEqual(new Set(["good"]));
  });

  it("is the worse of what two say, whichever way", () => {
    const up: Line = { word: "bad", reason: "loss", way: "up" };
    expect(worseOf(GOOD, up)).toBe(up);
    expect(worseOf(up, line("weak"))).toBe(up);
    expect(worseOf(up, line("bad"))).toEqual({ word: "bad", reason: "loss", way: "both" });
    expect(worseOf(GOOD, GOOD)).toEqual(GOOD);
  });

  it("reads what the browsers count, and does not invent what they don't", () => {
    const stats = [
      { type: "inbound-rtp", packetsReceived: 10, packetsLost: 2, framesDecoded: 5 },
      { type: "inbound-rtp", packetsReceived: 7, packetsLost: -1 },
      { type: "remote-inbound-rtp", fractionLost: 0.1, roundTripTime: 0.2 },
      { type: "candidate-pair", bytesReceived: 100, responsesReceived: 3 },
    ];
    expect(sample(stats, 5)).toEqual({
      at: 5,
      arrived: 103,
      framesDecoded: 5,
      roundTrip: 0.2,
      lostBeyond: 0.1,
    });
    expect(sample([], 5).arrived).toBeNull();
  });
});
