import { describe, expect, it } from "vitest";
import { FIRST_VERDICT, judge, sample, settle, type Sample } from "./quality";

function at(part: Partial<Sample>): Sample {
  return {
    at: 0,
    arrived: 0,
    received: 0,
    lost: 0,
    framesDecoded: 0,
    roundTrip: null,
    lostBeyond: null,
    ...part,
  };
}

describe("quality in words", () => {
  it.each([
    [{ received: 100 }, "good"],
    [{ received: 95, lost: 5 }, "weak"],
    [{ received: 80, lost: 20 }, "bad"],
    [{ received: 100, lostBeyond: 0.2 }, "bad"],
    [{ received: 100, roundTrip: 0.5 }, "weak"],
    [{ received: 100, roundTrip: 1.2 }, "bad"],
    [{ received: 0 }, "good"],
  ] as const)("%o is %s", (now, word) => {
    expect(judge(at({}), at(now))).toBe(word);
  });

  it("changes the word after three that agree, and remembers since when it is bad", () => {
    let verdict = FIRST_VERDICT;
    verdict = settle(verdict, "bad", 1_000);
    verdict = settle(verdict, "bad", 2_000);
    expect(verdict.said).toBe("good");
    verdict = settle(verdict, "bad", 3_000);
    expect(verdict).toMatchObject({ said: "bad", badSince: 3_000 });
    verdict = settle(verdict, "good", 4_000);
    expect(verdict).toMatchObject({ said: "bad", badSince: 3_000 });
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
      received: 17,
      lost: 2,
      framesDecoded: 5,
      roundTrip: 0.2,
      lostBeyond: 0.1,
    });
    expect(sample([], 5).arrived).toBeNull();
  });
});
