// @vitest-environment node
import { describe, expect, it } from "vitest";
import { Reading } from "./reading";

describe("what can't be read", () => {
  it("is said when it lasts, and no longer than that", () => {
    const reading = new Reading();
    for (let now = 0; now <= 3_000; now += 100) reading.note("0 video", false, now);
    reading.note("1 video", false, 3_000);
    expect(reading.unread(3_000, 3_000)).toEqual(["0 video"]);
    expect(reading.unread(0, 3_000)).toEqual(["0 video", "1 video"]);
    reading.note("0 video", true, 3_050);
    expect(reading.unread(0, 3_050)).toEqual(["1 video"]);
  });

  it("is over when nothing comes at all, and begins anew after that", () => {
    const reading = new Reading();
    for (let now = 0; now <= 4_000; now += 100) reading.note("0 audio", false, now);
    expect(reading.unread(3_000, 6_000)).toEqual([]);
    reading.note("0 audio", false, 6_000);
    expect(reading.unread(3_000, 6_000)).toEqual([]);
  });
});
