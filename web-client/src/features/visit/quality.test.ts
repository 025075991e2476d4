import { describe, expect, it } from "vitest";
import { turns, type Word, whose } from "./quality";

function told(...steps: readonly Readonly<Record<string, Word>>[]): string[] {
  let bad: ReadonlySet<string> = new Set();
  return steps.map((step) => {
    const next = turns(bad, new Map(Object.entries(step)));
    bad = next.bad;
    return next.turned.map(({ id, word }) => `${id} ${word}`).join(", ");
  });
}

describe("connections that are read out", () => {
  it("are those that turn bad, and are good again", () => {
    expect(
      told({ me: "good" }, { me: "weak" }, { me: "bad" }, { me: "bad" }, { me: "good" }),
    ).toEqual(["", "", "me bad", "", "me good"]);
  });

  it("are not those that waver", () => {
    expect(told({ a: "weak" }, { a: "good" }, { a: "weak" }, { a: "good" })).toEqual([
      "",
      "",
      "",
      "",
    ]);
    expect(told({ a: "bad" }, { a: "weak" }, { a: "bad" }, { a: "weak" }, { a: "good" })).toEqual([
      "a bad",
      "",
      "",
      "",
      "a good",
    ]);
  });

  it("are of people who are here", () => {
    expect(told({ me: "good", a: "bad" }, { me: "good" }, { me: "good", a: "good" })).toEqual([
      "a bad",
      "",
      "",
    ]);
  });
});

it("says whose", () => {
  expect(whose("Astrid", "sv")).toBe("Astrids");
  expect(whose("Hans", "sv")).toBe("Hans");
  expect(whose("Felix", "sv")).toBe("Felix");
  expect(whose("Astrid", "en")).toBe("Astrid’s");
});
