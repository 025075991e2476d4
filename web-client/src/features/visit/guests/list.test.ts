import { expect, it } from "vitest";
import { seat, seating } from "../../../call/testing/seats";
import type { Guest, GuestState } from "../../../wire/types";
import { isListed, type ListedGuest, seatOf, whereOf } from "./list";

const GUEST = {
  name: "Anna",
  role: "interpreter",
  state: "admitted",
  gone_at: null,
} as ListedGuest;
const SEATING = seating([null, seat({ role: "interpreter", name: "Anna" })]);

it("says who is in the call, and who is let in and away just now", () => {
  expect(whereOf(GUEST, seatOf(GUEST, SEATING) !== null, false)).toBe("people.where.here");
  expect(whereOf(GUEST, seatOf(GUEST, null) !== null, false)).toBe("people.where.admitted");
  expect(seatOf({ ...GUEST, role: "relative" }, SEATING)).toBeNull();
  expect(seatOf({ ...GUEST, name: "Bo" }, SEATING)).toBeNull();
});

it("says where everybody else is, whatever the call looks like", () => {
  for (const state of ["invited", "waiting", "left"] as const) {
    for (const here of [false, true])
      expect(whereOf({ state }, here, false)).toBe(`people.where.${state}`);
  }
});

it("names nobody who can't be in the call any more", () => {
  const listed = (state: GuestState): boolean => isListed({ ...GUEST, state });
  expect((["invited", "waiting", "admitted", "left"] as const).every(listed)).toBe(true);
  expect((["removed", "refused", "expired"] as const).some(listed)).toBe(false);
});

it("says who has closed the page, and who went for good", () => {
  expect(whereOf({ state: "waiting" }, false, true)).toBe("people.where.closed");
  expect(whereOf({ state: "admitted" }, true, true)).toBe("people.where.here");
  const gone: Guest = { ...GUEST, state: "expired", gone_at: "2026-03-02T09:00:00Z" };
  expect(isListed(gone) && whereOf(gone, false, false)).toBe("people.where.gone");
});
