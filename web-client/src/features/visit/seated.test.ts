import { describe, expect, it } from "vitest";
import { seat, seating } from "../../call/testing/seats";
import { isCrowd, isHeld, othersIn } from "./seated";

const PATIENT = { theOther: "clinician" } as const;
const CLINICIAN = { theOther: "patient" } as const;
const doctor = seat({ participant_id: "d" });
const colleague = seat({ participant_id: "c" });
const patient = seat({ role: "patient" });

describe("the others in the call", () => {
  it("are who sits in the slots, each with the slot that stays theirs", () => {
    expect(othersIn(null)).toEqual([]);
    const others = othersIn(seating([null, doctor, null, colleague, null]));
    expect(others.map(({ id, slot }) => [id, slot])).toEqual([
      ["d", 1],
      ["c", 3],
    ]);
  });

  it("are a crowd when there is more to see than the one whom the visit is with", () => {
    expect(isCrowd(PATIENT, null)).toBe(false);
    expect(isCrowd(PATIENT, seating([null, null, null, null, null]))).toBe(false);
    expect(isCrowd(PATIENT, seating([doctor, null, null, null, null]))).toBe(false);
    expect(isCrowd(CLINICIAN, seating([patient, null, null, null, null]))).toBe(false);
    expect(isCrowd(PATIENT, seating([doctor, null, colleague, null, null]))).toBe(true);
    expect(isCrowd(PATIENT, seating([doctor, null, null, null, null], { screen: "d" }))).toBe(true);
    expect(isCrowd(CLINICIAN, seating([null, colleague, null, null, null]))).toBe(true);
  });
});

describe("a link too thin for every picture", () => {
  it("loses those of who speaks before those of who signs", () => {
    const signs = { ...patient, communication: "signs" } as const;
    const some = { ...seating([signs, doctor]), pictures_held: true };
    expect([isHeld(some, signs), isHeld(some, doctor)]).toEqual([false, true]);
    const all = { ...some, signers_held: true };
    expect([isHeld(all, signs), isHeld(all, doctor)]).toEqual([true, true]);
    expect([isHeld(seating([signs]), signs), isHeld(null, signs)]).toEqual([false, false]);
  });
});
