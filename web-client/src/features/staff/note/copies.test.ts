// @vitest-environment jsdom
import { afterEach, expect, it } from "vitest";

import { copiesOf, forgetCopies } from "./copies";

afterEach(() => {
  sessionStorage.clear();
});

it("keeps one copy per clinician and visit", () => {
  const mine = copiesOf("a", "v1", sessionStorage);
  mine.write({ text: "Hosta", version: 2 });
  expect(copiesOf("a", "v1", sessionStorage).read()).toEqual({ text: "Hosta", version: 2 });
  expect(copiesOf("b", "v1", sessionStorage).read()).toBeNull();
  mine.clear();
  expect(mine.read()).toBeNull();
});

it("reads noise as nothing", () => {
  const copies = copiesOf("a", "v1", sessionStorage);
  for (const noise of ["{", "3", '{"text":1,"version":2}', "null"]) {
    sessionStorage.setItem("vardrum.note.a.v1", noise);
    expect(copies.read()).toBeNull();
  }
});

it("forgets every note at log-out and nothing else", () => {
  copiesOf("a", "v1", sessionStorage).write({ text: "Hosta", version: 2 });
  sessionStorage.setItem("other", "stays");
  forgetCopies(sessionStorage);
  expect(copiesOf("a", "v1", sessionStorage).read()).toBeNull();
  expect(sessionStorage.getItem("other")).toBe("stays");
});
