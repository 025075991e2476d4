import { expect, it } from "vitest";
import { seat, seating } from "./testing/seats";
import { isWatched } from "./watched";

const LOOKS = seat();
const LISTENS = seat({ pictures_wanted: false });
const HOLDS = seat({ on_hold_since: "2026-03-02T09:00:00Z" });

it("is wanted by whoever takes pictures and is not on hold, and by whoever may come", () => {
  expect(isWatched(seating([LOOKS]))).toBe(true);
  expect(isWatched(seating([LISTENS, null, LOOKS]))).toBe(true);
  expect(isWatched(seating([]))).toBe(true);
  expect(isWatched(seating([LISTENS]))).toBe(false);
  expect(isWatched(seating([HOLDS]))).toBe(false);
  expect(isWatched(seating([LISTENS, HOLDS]))).toBe(false);
});
