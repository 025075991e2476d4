import { expect, it } from "vitest";

import { parsePrefs } from "./prefs";

it("starts with shortcuts on and the sound off", () => {
  expect(parsePrefs(null)).toEqual({ shortcuts: true, chime: false });
});

it("reads what was chosen, and noise as the start", () => {
  expect(parsePrefs('{"shortcuts":false,"chime":true}')).toEqual({ shortcuts: false, chime: true });
  expect(parsePrefs('{"shortcuts":"no"}')).toEqual({ shortcuts: true, chime: false });
  expect(parsePrefs("{")).toEqual({ shortcuts: true, chime: false });
});
