import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { loadAreas } from "../../../i18n";
import { api } from "../../../wire/rest";
import type { PersonCall, Visit } from "../../../wire/types";
import { CallQuality } from "./CallQuality";

const NOW = Date.parse("2026-03-02T09:00:00Z");
const VISIT = {
  id: "v",
  ended_at: "2026-03-02T08:00:00Z",
  patient: { name: "Pia Ek", birth_date: "1980-01-01", age: 46 },
} as Visit;

const PATIENT: PersonCall = {
  role: "patient",
  number: null,
  word: "weak",
  transports: ["tcp", "udp"],
  seconds: 840,
  connections: 2,
  unmeasured: 1,
  interruptions: 2,
  restarts: 1,
  loss_up: 0.0523,
  loss_down: 0,
  jitter_up_ms: 3.4,
  jitter_down_ms: null,
  round_trip_p50_ms: 38.5,
  round_trip_p95_ms: 120,
  bitrate_up: 1_250_000,
  bitrate_down: null,
};

beforeAll(async () => {
  await loadAreas("common", "staff");
});

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function show(visit: Visit, answer: () => Promise<{ people: PersonCall[] }>) {
  const get = vi.spyOn(api, "get").mockImplementation(answer as never);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <I18nProvider i18n={i18n}>
        <CallQuality visit={visit} />
      </I18nProvider>
    </QueryClientProvider>,
  );
  await pass(0);
  return get;
}

async function pass(ms: number) {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });
}

it("says first in words how it was for each, and keeps the figures behind", async () => {
  const two = [1, 2].map((number) => ({ ...PATIENT, role: "relative", number }) as const);
  const other: PersonCall = { ...PATIENT, role: "clinician", word: "good", transports: ["udp"] };
  await show(VISIT, () => Promise.resolve({ people: [PATIENT, other, ...two] }));
  const [patient, you, first, second] = screen.getAllByRole("listitem");
  expect(patient?.textContent).toContain("Pia EkSvag uppkoppling");
  expect(patient?.textContent).toContain("14 minuter · UDP och TCP · 2 avbrott");
  expect(patient?.textContent).toContain("Siffrorna för en av anslutningarna gick förlorade");
  expect(you?.textContent).toContain("DuBra uppkoppling");
  expect(you?.textContent).toContain("14 minuter · UDP · 2 avbrott");
  expect([first, second].map((each) => each?.querySelector("h3")?.textContent)).toEqual([
    "Närstående 1",
    "Närstående 2",
  ]);
  if (patient === undefined) throw new Error("nobody");
  expect(patient.querySelector("details")?.open).toBe(false);
  const figures = within(patient).getAllByRole("definition", { hidden: true });
  expect(figures.map((each) => each.textContent)).toEqual([
    "upp 5,2 %, ned 0 %",
    "oftast 39 ms, som längst omkring 120 ms",
    "upp 3 ms, ned inte uppmätt",
    "upp 1 250 kbit/s, ned inte uppmätt".replace("1 250", (1250).toLocaleString("sv-SE")),
    "2",
    "1",
  ]);
});

it("offers no figures where none are left", async () => {
  await show(VISIT, () =>
    Promise.resolve({ people: [{ ...PATIENT, connections: 1, transports: [] }] }),
  );
  expect(screen.queryByText("Visa siffror")).toBeNull();
  expect(screen.getByRole("listitem").textContent).toContain("14 minuter · 2 avbrott");
});

it("says so when there was no call", async () => {
  await show(VISIT, () => Promise.resolve({ people: [] }));
  expect(screen.getByText(/inget samtal med ljud eller bild/)).toBeTruthy();
});

it("says what failed, and fetches again when asked to", async () => {
  const get = await show(VISIT, () => Promise.reject(new Error("no")));
  expect(screen.getByText(/Det gick inte att hämta mätningarna/)).toBeTruthy();
  get.mockImplementation(() => Promise.resolve({ people: [PATIENT] }) as never);
  fireEvent.click(screen.getByRole("button", { name: "Försök igen" }));
  await pass(0);
  expect(screen.getByText("Svag uppkoppling")).toBeTruthy();
});

it("asks once, when what the visit's end set going is over", async () => {
  const just = { ...VISIT, ended_at: new Date(NOW - 1000).toISOString() };
  const get = await show(just, () => Promise.resolve({ people: [PATIENT] }));
  expect(screen.getByText("Mätningarna från samtalet samlas in")).toBeTruthy();
  await pass(1900);
  expect(get).not.toHaveBeenCalled();
  await pass(200);
  expect(get).toHaveBeenCalledOnce();
  await pass(0);
  expect(screen.getByText("Svag uppkoppling")).toBeTruthy();
});

it("neither asks nor shows anything once the care relation is over", async () => {
  const get = await show({ ...VISIT, patient: null }, () => Promise.resolve({ people: [PATIENT] }));
  await pass(5000);
  expect(get).not.toHaveBeenCalled();
  expect(document.querySelector("section")).toBeNull();
});
