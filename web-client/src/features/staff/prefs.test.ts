import { expect, it } from "vitest";

import { parsePrefs } from "./prefs";

const START = { shortcuts: true, chime: false, flash: false };

it("starts with shortcuts on, the sound and the light off", () => {
  expect(parsePrefs(null)).toEqual(START);
});

it("reads what was chosen, and noise as the start", () => {
  const chosen = { shortcuts: false, chime: true, flash: true };
  expect(parsePrefs(JSON.stringify(chosen))).toEqual(chosen);
  expect(parsePrefs('{"shortcuts":"no","flash":1}')).toEqual(START);
  expect(parsePrefs("{")).toEqual(START);
});
