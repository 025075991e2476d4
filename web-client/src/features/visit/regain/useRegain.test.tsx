import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Found } from "./regain";
import { useRegain } from "./useRegain";

const line = vi.hoisted(() => ({ status: "connected", probe: vi.fn<() => Promise<Found>>() }));

vi.mock("../../../wire/socket", () => ({ getSocket: () => ({ status: () => line.status }) }));
vi.mock("./probe", () => ({ probe: line.probe }));

beforeEach(() => {
  vi.useFakeTimers();
  line.status = "connected";
  line.probe.mockReset().mockResolvedValue("good");
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (seconds: number) => act(() => vi.advanceTimersByTimeAsync(seconds * 1_000));
const start = (visit: string, on = true) =>
  renderHook((props: { on: boolean }) => useRegain("patient", visit, props.on), {
    initialProps: { on },
  });

it("offers video when the line has carried a picture twice, until it is answered", async () => {
  const { result } = start("a");
  await pass(18);
  expect(line.probe).not.toHaveBeenCalled();
  await pass(4);
  expect([line.probe.mock.calls.length, result.current.offered]).toEqual([1, false]);
  await pass(12);
  expect([line.probe.mock.calls.length, result.current.offered]).toEqual([2, true]);
  act(() => result.current.decline());
  expect(result.current.offered).toBe(false);
  await pass(115);
  expect(line.probe).toHaveBeenCalledTimes(2);
});

it("tries nothing where it was not asked to, or while there is no socket", async () => {
  start("b", false);
  line.status = "connecting";
  start("c");
  await pass(100);
  expect(line.probe).not.toHaveBeenCalled();
});

it("waits longer the next time with what did not last, and takes back an offer that is over", async () => {
  const { result, rerender } = start("d");
  await pass(35);
  expect(result.current.offered).toBe(true);
  act(() => void result.current.accept());
  rerender({ on: false });
  expect(result.current.offered).toBe(false);
  rerender({ on: true });
  await pass(38);
  expect(line.probe).toHaveBeenCalledTimes(2);
  await pass(4);
  expect(line.probe).toHaveBeenCalledTimes(3);
});
