import { describe, expect, it } from "vitest";

import { answerTime, isOpen, needsSigning, stageOf } from "./stage";

describe("the time to answer", () => {
  const visit = { called_at: "2026-03-02T09:00:00Z", answer_by: "2026-03-02T09:05:00Z" };
  const at = (clock: string) => Date.parse(`2026-03-02T${clock}Z`);

  it("counts towards the server's limit", () => {
    expect(answerTime(visit, at("09:01:00"))).toEqual({
      since: 60_000,
      left: 240_000,
      share: 0.2,
      late: false,
    });
  });

  it("is late at the limit and stays there", () => {
    expect(answerTime(visit, at("09:05:00"))).toMatchObject({ left: 0, share: 1, late: true });
    expect(answerTime(visit, at("09:30:00"))).toMatchObject({ left: 0, share: 1, late: true });
  });

  it("never runs backwards on a clock that is behind", () => {
    expect(answerTime(visit, at("08:59:00"))).toMatchObject({ since: 0, share: 0 });
  });
});

describe("the stages", () => {
  it("know what is open and what waits for a signature", () => {
    const joined_at = "2026-03-02T09:01:00Z";
    expect(stageOf({ state: "called", joined_at: null })).toBe("calling");
    expect(stageOf({ state: "returned", joined_at: null })).toBe("unmet");
    expect(isOpen({ state: "in_progress" })).toBe(true);
    expect(isOpen({ state: "ended" })).toBe(false);
    expect(needsSigning({ state: "ended", joined_at })).toBe(true);
    expect(needsSigning({ state: "documented", joined_at })).toBe(false);
  });

  it("ask for no note when the called patient left the queue instead of coming", () => {
    expect(stageOf({ state: "ended", joined_at: null })).toBe("unmet");
    expect(needsSigning({ state: "ended", joined_at: null })).toBe(false);
  });
});
