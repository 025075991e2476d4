import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import type { Watch } from "../../../wire/socket";
import { useGuests } from "./useGuests";

const wire = vi.hoisted(() => ({
  get: vi.fn<() => Promise<unknown>>(),
  onSync: undefined as Watch["onSync"] | undefined,
}));

vi.mock("../../../wire/rest", () => ({ api: { get: wire.get } }));
vi.mock("../../../wire/hooks", () => ({
  useWatch: (_: string, part: Watch) => {
    wire.onSync = part.onSync;
  },
}));

const list = (version: number) => ({ version, guests: [{ id: `guest-${version}` }] });
const beat = (answer: unknown) =>
  act(() => {
    wire.onSync?.(answer as never);
    return Promise.resolve();
  });
const of = (version: number) => ({ visits: [{ visit_id: "v", guests_version: version }] });

function start() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  return renderHook(() => useGuests("staff", "v", 0), { wrapper }).result;
}

beforeEach(() => {
  wire.get.mockReset();
});

it("asks at every beat while the socket is blocked", async () => {
  wire.get.mockResolvedValueOnce(list(1)).mockResolvedValueOnce(list(2));
  const result = start();
  await waitFor(() => expect(result.current.guests).toEqual(list(1).guests));
  await beat(null);
  await waitFor(() => expect(result.current.guests).toEqual(list(2).guests));
});

it("asks again for what could not be had, and not for what it has", async () => {
  wire.get.mockRejectedValueOnce(new Error("no network")).mockResolvedValueOnce(list(3));
  const result = start();
  await waitFor(() => expect(wire.get).toHaveBeenCalledTimes(1));
  await beat({ visits: [] });
  expect(wire.get).toHaveBeenCalledTimes(1);
  await beat(of(3));
  await waitFor(() => expect(result.current.guests).toEqual(list(3).guests));
  await beat(of(3));
  expect(wire.get).toHaveBeenCalledTimes(2);
});
