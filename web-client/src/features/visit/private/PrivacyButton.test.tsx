import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { render, screen } from "@testing-library/react";
import { beforeAll, expect, it } from "vitest";
import type { CallView } from "../../../call/view";
import { loadAreas } from "../../../i18n";
import { PrivacyButton } from "./PrivacyButton";

beforeAll(async () => {
  await loadAreas("common", "visit", "private");
});

function page(state: "alone" | "on" | "off") {
  const view = { seating: null, privacy: { state, own: true, cannot: [], code: null } };
  return (
    <I18nProvider i18n={i18n}>
      <PrivacyButton view={view as unknown as CallView} />
    </I18nProvider>
  );
}

it("says nothing of encryption before anybody was met", () => {
  render(page("alone"));
  expect(screen.queryByRole("button")).toBeNull();
});

it("stays where it is, with the focus, while somebody joins anew", () => {
  const { rerender } = render(page("on"));
  const button = screen.getByRole("button", { name: "Krypterat mellan er" });
  button.focus();
  for (const [state, words] of [
    ["alone", "Krypteringen väntar"],
    ["off", "Inte krypterat hela vägen"],
    ["alone", "Krypteringen väntar"],
    ["on", "Krypterat mellan er"],
  ] as const) {
    rerender(page(state));
    expect(screen.getByRole("button", { name: words })).toBe(button);
    expect(document.activeElement).toBe(button);
  }
});
