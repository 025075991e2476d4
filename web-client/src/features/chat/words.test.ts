import { i18n } from "@lingui/core";
import { beforeAll, describe, expect, it } from "vitest";
import { loadAreas } from "../../i18n";
import { systemWords } from "./words";

beforeAll(async () => {
  localStorage.setItem("vardrum.language", "sv");
  await loadAreas("visit");
});

function say(code: string, role: "patient" | "clinician"): string {
  return systemWords(code, { role, other: "Anna" }, (key, values) => i18n._(key, values));
}

describe("system lines", () => {
  it("tell each side what happened, in words", () => {
    expect(say("joined.patient", "clinician")).toBe("Anna kom in i besöket.");
    expect(say("joined.patient", "patient")).toBe("Du kom in i besöket.");
    expect(say("mode.video.chosen.clinician", "clinician")).toBe("Du bytte till video.");
  });

  it.each(["chosen", "permission_denied", "no_device", "media_blocked", "connection_lost"])(
    "say why chat took over: %s",
    (reason) => {
      for (const by of ["patient", "clinician"] as const) {
        const words = say(`mode.chat.${reason}.${by}`, "patient");
        expect(words).toMatch(by === "patient" ? /^Du |din |dig|ditt/ : /Anna/);
      }
    },
  );

  it("say something also about what is new to this page", () => {
    expect(say("lobby.opened.patient", "patient")).toBe("Något ändrades i besöket.");
  });
});
