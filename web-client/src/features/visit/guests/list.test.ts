import { expect, it } from "vitest";
import type { Seating } from "../../../wire/generated";
import type { Guest, GuestState } from "../../../wire/types";
import { hereOf, isListed, type ListedGuest, whereOf } from "./list";

const GUEST = {
  name: "Anna",
  role: "interpreter",
  state: "admitted",
  gone_at: null,
} as ListedGuest;
const SEATING: Seating = {
  slots: [
    null,
    {
      participant_id: "p",
      role: "interpreter",
      name: "Anna",
      public_key: null,
      mic_on: true,
      camera_on: true,
      communication: "speech",
    },
    null,
    null,
    null,
  ],
  screen: null,
  pictures_held: false,
  signers_held: false,
  publish: { height: 360, bitrate: 500_000, frame_rate: 30 },
};

it("says who is in the call, and who is let in and away just now", () => {
  expect(whereOf(GUEST, hereOf(GUEST, SEATING), false)).toBe("people.where.here");
  expect(whereOf(GUEST, hereOf(GUEST, null), false)).toBe("people.where.admitted");
  expect(hereOf({ ...GUEST, role: "relative" }, SEATING)).toBe(false);
  expect(hereOf({ ...GUEST, name: "Bo" }, SEATING)).toBe(false);
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
