import { expect, it } from "vitest";
import { clock, minutesOf, spanOf, stretches, weekdays } from "./hours";

it("shows minutes as a clock does, also beyond midnight", () => {
  expect([0, 480, 1440, 1830].map(clock)).toEqual(["00:00", "08:00", "00:00", "06:30"]);
});

it("reads times, and what is none as nothing", () => {
  expect(["08:05", "23:59", "24:00", "8", ""].map(minutesOf)).toEqual([
    485,
    1439,
    null,
    null,
    null,
  ]);
});

it("puts an end that is not after the beginning on the next day", () => {
  expect(spanOf(0, "08:00", "17:00")).toEqual({ weekday: 0, opens: 480, closes: 1020 });
  expect(spanOf(4, "22:00", "06:30")).toEqual({ weekday: 4, opens: 1320, closes: 1830 });
  expect(spanOf(4, "00:00", "00:00")).toEqual({ weekday: 4, opens: 0, closes: 1440 });
  expect(spanOf(4, "", "06:30")).toBeNull();
});

it("says days in a row with the same hours as one", () => {
  const office = [0, 1, 2, 4].map((weekday) => ({ weekday, opens: 480, closes: 1020 }));
  const two = [...office, { weekday: 4, opens: 1080, closes: 1200 }];
  expect(stretches(two)).toEqual([
    { from: 0, to: 2, spans: "08:00–17:00" },
    { from: 4, to: 4, spans: "08:00–17:00, 18:00–20:00" },
  ]);
});

it("begins the week on Monday", () => {
  expect(weekdays("sv", "long")[0]).toBe("måndag");
  expect(weekdays("en", "long")[6]).toBe("Sunday");
});
