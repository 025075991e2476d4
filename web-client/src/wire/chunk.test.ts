import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { chunk } from "./chunk";

let online: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  online = true;
  vi.spyOn(navigator, "onLine", "get").mockImplementation(() => online);
});
afterEach(() => vi.useRealTimers());

it("waits out a lost network, however long", async () => {
  online = false;
  let there = false;
  const part = chunk(() =>
    there ? Promise.resolve("page") : Promise.reject(new Error("no network")),
  );
  await vi.advanceTimersByTimeAsync(120_000);
  there = true;
  await vi.advanceTimersByTimeAsync(1_000);
  await expect(part).resolves.toBe("page");
});

it("gives up what a newer release has taken away", async () => {
  const part = chunk(() => Promise.reject(new Error("404")));
  const refused = expect(part).rejects.toThrow("404");
  await vi.advanceTimersByTimeAsync(30_000);
  await refused;
});
