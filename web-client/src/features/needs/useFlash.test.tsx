import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useFlash } from "./useFlash";

const vibrate = vi.fn(() => true);

beforeEach(() => {
  vi.useFakeTimers();
  vibrate.mockClear();
  Object.defineProperty(navigator, "vibrate", { value: vibrate, configurable: true });
});
afterEach(() => {
  vi.useRealTimers();
  Reflect.deleteProperty(navigator, "vibrate");
});

it("lights up once for what came, and goes out by itself", () => {
  const at = (count: number | null) => ({ count, on: true });
  const { result, rerender } = renderHook(({ count, on }) => useFlash(count, on), {
    initialProps: at(null),
  });
  rerender(at(3));
  expect([result.current, vibrate.mock.calls.length]).toEqual([false, 0]);
  rerender(at(4));
  expect([result.current, vibrate.mock.calls.length]).toEqual([true, 1]);
  act(() => void vi.advanceTimersByTime(2_000));
  expect(result.current).toBe(false);
});

it("leaves those in peace who hear it", () => {
  const { result, rerender } = renderHook(({ count }) => useFlash(count, false), {
    initialProps: { count: 0 },
  });
  rerender({ count: 1 });
  expect([result.current, vibrate.mock.calls.length]).toEqual([false, 0]);
});
