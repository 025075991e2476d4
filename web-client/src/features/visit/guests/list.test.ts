import { expect, it } from "vitest";
import type { Seating } from "../../../wire/generated";
import type { GuestState } from "../../../wire/types";
import { hereOf, isListed, linkOf, type ListedGuest, whereOf } from "./list";

const GUEST = { name: "Anna", role: "interpreter", state: "admitted" } as ListedGuest;
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
  expect(whereOf(GUEST, hereOf(GUEST, SEATING))).toBe("people.where.here");
  expect(whereOf(GUEST, hereOf(GUEST, null))).toBe("people.where.admitted");
  expect(hereOf({ ...GUEST, role: "relative" }, SEATING)).toBe(false);
  expect(hereOf({ ...GUEST, name: "Bo" }, SEATING)).toBe(false);
});

it("says where everybody else is, whatever the call looks like", () => {
  for (const state of ["invited", "waiting", "left"] as const) {
    for (const here of [false, true])
      expect(whereOf({ state }, here)).toBe(`people.where.${state}`);
  }
});

it("keeps the secret behind the #, where no server sees it", () => {
  const link = new URL(linkOf("https://vard.example", "abc"));
  expect([link.pathname, link.search, link.hash]).toEqual(["/gast", "", "#abc"]);
});

it("names nobody who can't be in the call any more", () => {
  const listed = (state: GuestState): boolean => isListed({ ...GUEST, state });
  expect((["invited", "waiting", "admitted", "left"] as const).every(listed)).toBe(true);
  expect((["removed", "refused", "expired"] as const).some(listed)).toBe(false);
});
