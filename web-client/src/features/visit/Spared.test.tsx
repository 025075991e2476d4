import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { fireEvent, render, screen } from "@testing-library/react";
import { beforeAll, expect, it, vi } from "vitest";
import { ALL_SPARED, NOTHING_SPARED, type Proposal, type Spared as Less } from "../../call/ladder";
import { GOOD } from "../../call/quality";
import { LIVE } from "../../call/testing/play";
import { loadAreas } from "../../i18n";
import { Spared } from "./Spared";
import { StageNotices } from "./StageNotices";
import type { Call } from "./useCall";

beforeAll(async () => {
  await loadAreas("common", "visit", "private");
});

const UP: Proposal = { rung: "video", spared: NOTHING_SPARED, line: GOOD, others: false };
const accept = vi.fn();
const tell = vi.fn();

function callOf(spared: Less, proposal: Proposal | null): Call {
  const advice = { line: GOOD, last: GOOD, proposal, needsPictures: false };
  const view = { state: { ...LIVE, spared }, advice };
  return { engine: { accept, tell }, view } as unknown as Call;
}

const page = (spared: Less, proposal: Proposal | null = null) => (
  <I18nProvider i18n={i18n}>
    <Spared call={callOf(spared, proposal)} />
  </I18nProvider>
);

it("switches on by itself when that was asked for, and not before", () => {
  const { rerender } = render(page(ALL_SPARED, UP));
  expect(accept).not.toHaveBeenCalled();
  rerender(page(ALL_SPARED));
  const later = screen.getByRole("button", { name: "Slå på igen när det går" });
  fireEvent.click(later);
  expect(later.getAttribute("aria-pressed")).toBe("true");
  expect(accept).not.toHaveBeenCalled();
  rerender(page(ALL_SPARED, UP));
  expect(accept).toHaveBeenCalledExactlyOnceWith(UP);
  // The next time it is asked anew.
  rerender(page(NOTHING_SPARED));
  rerender(page(ALL_SPARED, UP));
  expect(accept).toHaveBeenCalledTimes(1);
});

it("says what is off, also of one's own camera, and brings it back at once", () => {
  const { rerender } = render(page({ camera: true, pictures: false }));
  expect(screen.getByText("Din kamera är av, så att ljudet går fram")).not.toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Slå på igen" }));
  expect(tell).toHaveBeenLastCalledWith({ type: "spare", spared: NOTHING_SPARED });
  rerender(page(NOTHING_SPARED));
  expect(screen.queryByRole("button")).toBeNull();
});

it("offers sound only in a break as a step that leads up again", () => {
  const { engine, view } = callOf(NOTHING_SPARED, null);
  const broken = { ...view, state: { ...view.state, phase: "reconnecting" }, shown: "offers" };
  render(
    <I18nProvider i18n={i18n}>
      <StageNotices
        audience="patient"
        call={
          { engine, view: { ...broken, privacy: { unread: [], cannot: [] } } } as unknown as Call
        }
        name="Kim"
        sendsPicture
        onChat={null}
        onStopSharing={() => undefined}
        onNoticeRead={() => undefined}
      />
    </I18nProvider>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Bara ljud" }));
  expect(tell).toHaveBeenLastCalledWith({ type: "spare", spared: ALL_SPARED });
});
