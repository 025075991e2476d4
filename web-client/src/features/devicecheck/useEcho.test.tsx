import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { EchoEvents } from "../../call/echo";
import type { LiveStatus } from "../../wire/socket";
import { useEcho } from "./useEcho";

const told = vi.hoisted((): { status: LiveStatus; events: EchoEvents[] } => ({
  status: "connecting",
  events: [],
}));

vi.mock("../../wire/hooks", () => ({
  useLive: () => "live",
  useLiveStatus: () => told.status,
}));
vi.mock("../../call/echo", () => ({
  openEcho: (_live: unknown, _stream: unknown, events: EchoEvents) => {
    told.events.push(events);
    return { stats: () => Promise.resolve(null), close: () => undefined };
  },
}));

const STREAM = { getVideoTracks: () => [] } as unknown as MediaStream;

beforeEach(() => {
  vi.useFakeTimers();
  told.status = "connecting";
  told.events = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

it("says no longer that there is no socket once there is one, and then what else is wrong", async () => {
  const { result, rerender } = renderHook(() => useEcho(STREAM, 0));
  await pass(16_000);
  expect(result.current.result).toBe("socket");
  told.status = "connected";
  rerender();
  await pass(0);
  expect(result.current.result).toBeNull();
  act(() => told.events.at(-1)?.failed("media"));
  expect(result.current.result).toBe("media");
});

it("tries again when it is asked to, also while there is no socket", async () => {
  const { result, rerender } = renderHook(({ attempt }) => useEcho(STREAM, attempt), {
    initialProps: { attempt: 0 },
  });
  await pass(16_000);
  rerender({ attempt: 1 });
  expect(result.current.result).toBeNull();
  await pass(16_000);
  expect(result.current.result).toBe("socket");
});
