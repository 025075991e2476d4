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

const regain = vi.hoisted(() => ({
  on: vi.fn(),
  offered: false,
  accept: vi.fn(),
  decline: vi.fn(),
}));

vi.mock("./regain/useRegain", () => ({
  useRegain: (_audience: unknown, _visit: unknown, on: boolean) => {
    regain.on(on);
    return regain;
  },
}));
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

function show(part: Partial<Visit>, onCamera: () => void, poor = false): void {
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
          poor={poor}
        />
      </I18nProvider>
    </QueryClientProvider>,
  );
}

async function start(part: Partial<Visit>): Promise<() => void> {
  const onCamera = vi.fn();
  show(part, onCamera);
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

it.each([
  ["who lost the line", {}, false, true],
  ["whom no picture reached", { mode_reason: "media_blocked" }, false, true],
  ["who gave up the picture of a poor line", { mode_reason: "chosen" }, true, true],
  ["whose own line was good all along", { mode_by: "clinician" }, false, false],
  ["who chose to write", { mode_reason: "chosen" }, false, false],
  ["who has no camera", { mode_reason: "no_device" }, false, false],
] as const)("tries the line of %s", (_, part, poor, on) => {
  show(part, () => undefined, poor);
  expect(regain.on).toHaveBeenLastCalledWith(on);
});

it("proposes video with the reason, to be taken or left", () => {
  regain.offered = true;
  show({}, () => undefined);
  expect(
    screen.getByText("Vi har provat din uppkoppling, och den klarar bild igen."),
  ).not.toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Inte nu" }));
  expect(regain.decline).toHaveBeenCalledOnce();
  expect(asked).not.toHaveBeenCalled();
  regain.offered = false;
});
