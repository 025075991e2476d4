import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { render, screen } from "@testing-library/react";
import { beforeAll, expect, it } from "vitest";
import { loadAreas } from "../../../i18n";
import type { Guest } from "../../../wire/types";
import { Waiting } from "./Waiting";

beforeAll(async () => {
  await loadAreas("common", "people");
});

it("says of who knocks that they interpret sign language, or sign themselves", () => {
  const page = (part: Partial<Guest>) => (
    <I18nProvider i18n={i18n}>
      <Waiting
        visitId="v"
        waiting={[{ id: "g", name: "Anna", needs_consent: false, ...part } as Guest]}
        onOpen={() => undefined}
        onMoved={() => undefined}
      />
    </I18nProvider>
  );
  const said = (): string => screen.getByRole("region", { name: "Väntrummet" }).textContent;
  const { rerender } = render(page({ role: "interpreter", communication: "signs" }));
  expect(said()).toContain("Anna, teckenspråkstolk, väntar");
  rerender(page({ role: "relative", communication: "reads" }));
  expect(said()).toContain("Anna, närstående, hör inte, väntar");
  rerender(page({ role: "colleague", communication: "speech" }));
  expect(said()).toContain("Anna, kollega, väntar");
});
