import { compileMessage } from "@lingui/message-utils/compileMessage";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const here = `${import.meta.dirname}/`;
const areas = readdirSync(`${here}sv`).map((file) => file.replace(/\.json$/, ""));

function read(language: string, area: string): Record<string, string> {
  return JSON.parse(readFileSync(`${here}${language}/${area}.json`, "utf8")) as Record<
    string,
    string
  >;
}

/** The names of the values that a message takes: languages may differ in where they need plurals. */
function taken(message: string): string[] {
  const names = new Set<string>();
  const walk = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    const [name, , cases] = part as [unknown, unknown?, unknown?];
    if (typeof name === "string") names.add(name);
    if (cases !== null && typeof cases === "object") {
      for (const inner of Object.values(cases)) if (Array.isArray(inner)) inner.forEach(walk);
    }
  };
  const compiled = compileMessage(message);
  if (Array.isArray(compiled)) compiled.forEach(walk);
  return [...names].sort();
}

it("both languages have the same areas", () => {
  expect(readdirSync(`${here}en`).sort()).toEqual(readdirSync(`${here}sv`).sort());
});

describe.each(areas)("%s", (area) => {
  const swedish = read("sv", area);
  const english = read("en", area);

  it("has the same keys in both languages, all of its own area", () => {
    expect(Object.keys(english).sort()).toEqual(Object.keys(swedish).sort());
    for (const key of Object.keys(swedish)) expect(key).toMatch(new RegExp(`^${area}\\.`));
  });

  it("takes the same values in both languages", () => {
    for (const [key, text] of Object.entries(swedish)) {
      expect([key, taken(english[key] ?? "")]).toEqual([key, taken(text)]);
    }
  });

  it("says something everywhere", () => {
    for (const [key, text] of Object.entries({ ...swedish, ...english })) {
      expect([key, text.trim()]).not.toEqual([key, ""]);
    }
  });
});
