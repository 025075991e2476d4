import { beforeEach, expect, it } from "vitest";
import { Outbox } from "../features/chat/outbox";
import { claimTraces, forgetTraces } from "./traces";

const DRAFT = "vardrum.draft.anna.clinic.doctor";
const NOTE = "vardrum.note.maria.v1";

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  sessionStorage.setItem(DRAFT, "{}");
  sessionStorage.setItem(NOTE, "{}");
});

it("of whoever logs out nothing stays, and the other audience keeps its own", () => {
  new Outbox("patient", "v1").keepDraft("Jag har");
  forgetTraces("patient");
  expect(Object.keys(sessionStorage)).toEqual([NOTE]);
  forgetTraces("staff");
  expect(sessionStorage).toHaveLength(0);
});

it("who comes back finds what they wrote, and the next person finds nothing", () => {
  claimTraces("patient", "anna");
  claimTraces("patient", "anna");
  expect(sessionStorage.getItem(DRAFT)).toBe("{}");
  claimTraces("patient", "bo");
  expect(sessionStorage.getItem(DRAFT)).toBeNull();
});
