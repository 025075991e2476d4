import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { Devices } from "../../call/devices";
import { loadAreas } from "../../i18n";
import { chosenDevices } from "../../media/chosen";
import { api } from "../../wire/rest";
import type { Visit } from "../../wire/types";
import { ModeBanner } from "./ModeBanner";

const asked = vi.hoisted(() => vi.fn<(ask: { camera: boolean }) => Promise<Devices>>());

vi.mock("../../call/devices", () => ({ askForDevices: asked }));

const VISIT = {
  id: "v",
  version: 1,
  state: "in_progress",
  mode: "chat",
  mode_reason: "connection_lost",
  mode_by: "patient",
  communication: "speech",
} as Visit;

beforeAll(async () => {
  await loadAreas("common", "visit", "help");
});
beforeEach(() => {
  asked.mockResolvedValue({ ok: true, audio: null, video: null, notice: null });
  vi.spyOn(api, "put").mockResolvedValue({ ...VISIT, mode: "video" });
  // Somebody was a guest in this browser, and came in without a picture.
  chosenDevices.set({ camera_on: false });
});
afterEach(() => localStorage.clear());

async function start(part: Partial<Visit>): Promise<() => void> {
  const onCamera = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <I18nProvider i18n={i18n}>
        <ModeBanner
          audience="patient"
          visit={{ ...VISIT, ...part }}
          name="Kim"
          entering={false}
          onEnter={() => undefined}
          onCamera={onCamera}
        />
      </I18nProvider>
    </QueryClientProvider>,
  );
  await act(async () => {
    fireEvent.click(screen.getByRole("button", { name: "Försök med video igen" }));
    await Promise.resolve();
  });
  return onCamera;
}

it.each(["signs", "reads"] as const)("opens the camera where somebody %s", async (how) => {
  const onCamera = await start({ communication: how });
  expect(asked.mock.lastCall?.[0].camera).toBe(true);
  expect(onCamera).toHaveBeenCalledOnce();
});

it("leaves the camera as it was chosen where all speak and hear", async () => {
  const onCamera = await start({});
  expect(asked.mock.lastCall?.[0].camera).toBe(false);
  expect(onCamera).not.toHaveBeenCalled();
});
