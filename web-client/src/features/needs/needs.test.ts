import { expect, it } from "vitest";
import type { Seat, Seating } from "../../wire/generated";
import { needsOf } from "./needs";

const seat = (participant_id: string, more: Partial<Seat>): Seat =>
  ({
    participant_id,
    name: participant_id,
    role: "relative",
    communication: "speech",
    ...more,
  }) as Seat;
const seating = (...slots: Seat[]): Seating => ({ slots }) as unknown as Seating;
const INTERPRETER = seat("Ida", { role: "interpreter", communication: "signs" });
const RELATIVE = seat("Rolf", {});

it("tells the clinician of the patient before the call, and of guests once they are there", () => {
  const patient = { name: "Astrid", communication: "reads" } as const;
  const before = needsOf({ seating: null, patient, chat: true });
  expect(before).toEqual([{ id: "patient", name: "Astrid", communication: "reads", chat: true }]);
  const astrid = seat("a", { name: "Astrid", role: "patient", communication: "reads" });
  const all = needsOf({ seating: seating(astrid, INTERPRETER, RELATIVE), patient, chat: true });
  expect(all.map(({ name, chat }) => [name, chat])).toEqual([
    ["Astrid", true],
    ["Ida", false],
  ]);
});

it("tells a guest of the patient by the call alone, and of her own choice", () => {
  const astrid = seat("a", { name: "Astrid", role: "patient", communication: "signs" });
  const found = needsOf({ seating: seating(astrid), patient: null, own: "reads", chat: false });
  expect(found.map(({ name, communication }) => [name, communication])).toEqual([
    [null, "reads"],
    ["Astrid", "signs"],
  ]);
});

it("says nothing where all speak", () => {
  const patient = { name: "Astrid", communication: "speech" } as const;
  expect(needsOf({ seating: seating(RELATIVE), patient, chat: true })).toEqual([]);
});
