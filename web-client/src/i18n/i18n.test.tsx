import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { act, render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { loadAreas, setLanguage, useT } from ".";
import { useFormat } from "./format";

function Sample() {
  const t = useT();
  const format = useFormat();
  return (
    <p>
      {t("common.minutes", { count: 1 })} {t("common.minutes", { count: 2 })}{" "}
      {format.wait({ kind: "range", low_minutes: 10, high_minutes: 20 })}{" "}
      {format.time("2026-07-01T10:05:00Z")}
    </p>
  );
}

it("words and plurals follow the language, and so does the document", async () => {
  await loadAreas("common");
  render(
    <I18nProvider i18n={i18n}>
      <Sample />
    </I18nProvider>,
  );
  expect(screen.getByText("1 minut 2 minuter Ungefär 10–20 minuter 12:05")).toBeTruthy();
  expect(document.documentElement.lang).toBe("sv");
  await act(() => setLanguage("en"));
  expect(screen.getByText("1 minute 2 minutes About 10–20 minutes 12:05")).toBeTruthy();
  expect(document.documentElement.lang).toBe("en");
});
