import { expect, it } from "vitest";
import { seat } from "../../../call/testing/seats";
import type { Seat } from "../../../wire/generated";
import type { Other } from "../seated";
import { signerOf } from "./signer";

const at = (id: string, part: Partial<Seat>): Other => ({ id, slot: 0, seat: seat(part) });
const INTERPRETER = at("interpreter", { role: "interpreter", communication: "signs" });
const PATIENT = at("patient", { role: "patient", communication: "signs" });
const CLINICIAN = at("clinician", {});

it("is the person for who hears, and the interpreter for who does not", () => {
  const all = [CLINICIAN, INTERPRETER, PATIENT];
  expect(signerOf(all, true)).toBe("patient");
  expect(signerOf(all, false)).toBe("interpreter");
  expect(signerOf([CLINICIAN, INTERPRETER], true)).toBe("interpreter");
  expect(signerOf([CLINICIAN, PATIENT], false)).toBe("patient");
});

it("is nobody where all speak, or there are no hands to be seen", () => {
  const off = at("patient", { ...PATIENT.seat, camera_on: false });
  const paused = at("patient", { ...PATIENT.seat, on_hold_since: "2026-03-02T09:00:00Z" });
  expect(signerOf([CLINICIAN, at("reader", { communication: "reads" })], true)).toBeNull();
  expect(signerOf([CLINICIAN, off], true)).toBeNull();
  expect(signerOf([paused, INTERPRETER], true)).toBe("interpreter");
});
