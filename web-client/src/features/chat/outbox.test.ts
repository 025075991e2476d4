import { beforeEach, describe, expect, it } from "vitest";
import { forgetWritten, Outbox } from "./outbox";

const ONE = { clientId: "a", body: "Hej", writtenAt: "2026-01-01T10:00:00.000Z" };
const AT = Date.parse(ONE.writtenAt);

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

describe("what has been written and not been sent", () => {
  it("is there after a reload, oldest first, for that visit and that person only", () => {
    const outbox = new Outbox("patient", "v1");
    outbox.keep({ ...ONE, clientId: "b", writtenAt: "2026-01-01T10:00:05.000Z" });
    outbox.keep(ONE);
    const found = new Outbox("patient", "v1").unsent(AT);
    expect(found.map((one) => one.clientId)).toEqual(["a", "b"]);
    expect(new Outbox("patient", "v2").unsent(AT)).toEqual([]);
    expect(new Outbox("staff", "v1").unsent(AT)).toEqual([]);
  });

  it("is forgotten after a day, and when it is spoilt", () => {
    const outbox = new Outbox("patient", "v1");
    outbox.keep(ONE);
    localStorage.setItem("vardrum.chat.patient.v1/x", "not json");
    expect(outbox.unsent(AT + 25 * 60 * 60 * 1000)).toEqual([]);
    expect(localStorage.length).toBe(0);
  });

  it("keeps the draft until it is sent", () => {
    new Outbox("patient", "v1").keepDraft("Jag har");
    expect(new Outbox("patient", "v1").draft()).toBe("Jag har");
  });

  it("is gone after logging out, for that audience", () => {
    new Outbox("patient", "v1").keep(ONE);
    new Outbox("staff", "v1").keep(ONE);
    new Outbox("patient", "v1").keepDraft("Jag har");
    const closing = new Outbox("patient", "v1");
    forgetWritten("patient");
    closing.keepDraft("Jag har ont");
    closing.keep(ONE);
    expect(new Outbox("patient", "v1").unsent(AT)).toEqual([]);
    expect(new Outbox("patient", "v1").draft()).toBe("");
    expect(new Outbox("staff", "v1").unsent(AT)).toHaveLength(1);
  });
});
