// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AllLeft, type AllPassed, NOTHING_PASSED } from "./guard";
import { Watch } from "./watch";

const NONE = { parts: 0, bytes: 0 };
const sound = (parts: number): AllLeft => ({
  audio: { parts, bytes: parts },
  video: NONE,
  screen: NONE,
});
const had = (given: number): AllPassed => ({
  audio: { seen: given, given, bytes: given },
  video: NOTHING_PASSED,
  screen: NOTHING_PASSED,
});

describe("the watch over what leaves", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("asks the worker only once it knows what has left, and says once that it was bypassed", async () => {
    const asked: string[] = [];
    const bypassed = vi.fn();
    let sent = 0;
    new Watch({
      left: async () => {
        await Promise.resolve();
        asked.push("left");
        return sound((sent += 30));
      },
      passed: () => {
        asked.push("passed");
        return Promise.resolve(had(Math.min(sent, 60)));
      },
      bypassed,
    });
    await vi.advanceTimersByTimeAsync(1_300);
    expect(asked).toEqual(["left", "passed", "left", "passed"]);
    expect(bypassed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(bypassed).toHaveBeenCalledTimes(1);
    expect(asked).toHaveLength(6);
  });

  it("looks anew at what has left when the worker does not answer", async () => {
    const bypassed = vi.fn();
    const left = vi.fn().mockResolvedValueOnce(sound(50)).mockResolvedValue(sound(300));
    new Watch({ left, passed: () => Promise.resolve(null), bypassed });
    await vi.advanceTimersByTimeAsync(700);
    expect(bypassed).toHaveBeenCalledTimes(1);
  });

  it.each(["left", "passed"] as const)("looks on when %s can't be read for once", async (which) => {
    const bypassed = vi.fn();
    const failing = new Error("closed");
    const left = vi.fn(() => Promise.resolve(sound(300)));
    const passed = vi.fn(() => Promise.resolve(had(0)));
    (which === "left" ? left : passed).mockRejectedValueOnce(failing);
    new Watch({ left, passed, bypassed });
    await vi.advanceTimersByTimeAsync(700);
    expect(bypassed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(600);
    expect(bypassed).toHaveBeenCalledTimes(1);
  });

  it("says nothing once it was stopped, nor without a connection", async () => {
    const bypassed = vi.fn();
    const passed = (): Promise<AllPassed> => Promise.resolve(had(0));
    const gone = new Watch({ left: () => Promise.resolve(null), passed, bypassed });
    const ended = new Watch({ left: () => Promise.resolve(sound(90)), passed, bypassed });
    ended.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    gone.stop();
    expect(bypassed).not.toHaveBeenCalled();
  });
});
