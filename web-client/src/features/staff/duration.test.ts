import { expect, it } from "vitest";

import { clockOf, isoDuration, waited } from "./duration";

const FROM = "2026-03-02T08:00:00Z";
const at = (clock: string) => Date.parse(`2026-03-02T${clock}Z`);

it("counts whole minutes and hours", () => {
  expect(waited(FROM, at("08:00:59"))).toEqual({ hours: 0, minutes: 0 });
  expect(waited(FROM, at("09:05:00"))).toEqual({ hours: 1, minutes: 5 });
});

it("is never negative when this computer's clock is behind the server's", () => {
  expect(waited(FROM, at("07:59:00"))).toEqual({ hours: 0, minutes: 0 });
  expect(clockOf(-5)).toBe("0:00");
});

it("writes a clock and a machine's duration", () => {
  expect(clockOf(247_900)).toBe("4:07");
  expect(clockOf(75 * 60_000)).toBe("75:00");
  expect(isoDuration({ hours: 1, minutes: 5 })).toBe("PT1H5M");
});
