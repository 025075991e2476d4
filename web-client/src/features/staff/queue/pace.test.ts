import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { atMostEvery, SILENT, speak } from "./pace";

describe("a swarm of hints", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("runs at once, then at most once a second, and never loses the last", () => {
    const act = vi.fn();
    const call = atMostEvery(1000, act);
    for (let n = 0; n < 20; n += 1) {
      call();
      vi.advanceTimersByTime(100);
    }
    expect(act).toHaveBeenCalledTimes(3);
    vi.advanceTimersByTime(5000);
    expect(act).toHaveBeenCalledTimes(3);
  });

  it("runs nothing once stopped", () => {
    const act = vi.fn();
    const call = atMostEvery(1000, act);
    call();
    call();
    call.stop();
    vi.advanceTimersByTime(5000);
    expect(act).toHaveBeenCalledTimes(1);
  });
});

describe("spoken arrivals", () => {
  it("are gathered and said at most once a minute", () => {
    const first = speak(SILENT, 1, 0);
    expect(first.say).toBe(1);
    const second = speak(first.speech, 2, 10_000);
    expect(second.say).toBeNull();
    const third = speak(second.speech, 1, 60_000);
    expect(third.say).toBe(3);
    expect(speak(third.speech, 0, 200_000).say).toBeNull();
  });
});
