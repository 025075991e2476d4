import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { act, render, screen } from "@testing-library/react";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import { loadAreas } from "../../i18n";
import type { Audience, Communication, Visit } from "../../wire/types";
import type { Chat } from "../chat/usePost";
import { Room } from "./Room";
import type { Call } from "./useCall";

const door = vi.hoisted((): { knock: (waiting: number) => void } => ({ knock: () => undefined }));

vi.mock("../../app/current", () => ({ useSession: () => ({}) }));
vi.mock("../chat/ChatPanel", () => ({ ChatPanel: () => null }));
vi.mock("./guests", () => ({
  People: ({ onWaiting }: { onWaiting: (waiting: number) => void }) => {
    door.knock = onWaiting;
    return <p>people</p>;
  },
}));
vi.mock("./TopBar", () => ({ TopBar: () => null }));
vi.mock("./VideoSide", () => ({ VideoSide: () => null }));
vi.mock("./useAwake", () => ({ useAwake: () => undefined }));
vi.mock("./useGuestsNews", () => ({ useGuestsNews: () => ({ version: 1, away: [] }) }));
vi.mock("./useUnread", () => ({ useUnread: () => ({ count: 0, heard: 0, text: "" }) }));
vi.mock("./useVisit", () => ({ useKeepVisit: () => () => undefined }));

beforeAll(async () => {
  await loadAreas("common", "visit", "needs", "people");
});
beforeEach(() => {
  vi.stubGlobal("matchMedia", () => ({
    matches: true,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
});

async function knocked(audience: Audience, flash: boolean, communication: Communication) {
  const visit = {
    id: "v",
    state: "in_progress",
    mode: "video",
    communication,
    clinician: { name: "Kim Berg" },
    patient: { name: "Pia Ek", age: 46 },
    profession: "doctor",
  } as Visit;
  const view = {
    state: { phase: "live" },
    seating: null,
    advice: { line: { word: "good" }, last: { word: "good" } },
  };
  const { container } = render(
    <I18nProvider i18n={i18n}>
      <Room
        audience={audience}
        visit={visit}
        call={{ engine: {}, view } as unknown as Call}
        chat={{} as Chat}
        peerOnline={null}
        aside={null}
        flash={flash}
        entering={false}
        onEnter={() => undefined}
        onLeave={() => undefined}
      />
    </I18nProvider>,
  );
  await screen.findByText("people");
  act(() => door.knock(1));
  return container.querySelector("[data-flash]") !== null;
}

it("lights up at a knock for a clinician who has chosen to see it, and for no other", async () => {
  expect(await knocked("staff", true, "speech")).toBe(true);
});

it("leaves a clinician in peace who hears it", async () => {
  expect(await knocked("staff", false, "signs")).toBe(false);
});

it("lights up for a patient who does not hear what comes", async () => {
  expect(await knocked("patient", false, "reads")).toBe(true);
});
