import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { render, screen } from "@testing-library/react";
import { beforeAll, expect, it } from "vitest";
import { loadAreas } from "../../i18n";
import type { Call } from "../visit/useCall";
import { GuestStage } from "./GuestStage";
import { Preview } from "./Preview";

beforeAll(async () => {
  await loadAreas("common", "visit", "guest");
});

const words = (): (string | null)[] =>
  screen.getAllByRole("button").map(({ textContent }) => textContent);

it("offers no sound only before it is known who is there: they may sign", () => {
  const call = { engine: {}, view: { state: {} } } as unknown as Call;
  render(
    <I18nProvider i18n={i18n}>
      <GuestStage scene="explaining" name="Kim" call={call} onResume={() => undefined} />
    </I18nProvider>,
  );
  expect(words()).toEqual(["Fortsätt till video"]);
});

it("lets a guest who signs come in with the camera on", () => {
  const page = (choice: boolean) => (
    <I18nProvider i18n={i18n}>
      <Preview choice={choice} />
    </I18nProvider>
  );
  const { rerender } = render(page(true));
  expect(screen.queryByRole("checkbox")).not.toBeNull();
  rerender(page(false));
  expect(screen.queryByRole("checkbox")).toBeNull();
});
