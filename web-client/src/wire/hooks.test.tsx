import { act, renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { useAction } from "./hooks";
import { ApiError } from "./problem";

it("pressing again after a lost network is the same action; after an answer it is a new one", async () => {
  const keys: string[] = [];
  const outcomes = [
    () => Promise.reject(new ApiError({ status: 0, code: "network.down" })),
    () => Promise.reject(new ApiError({ status: 409, code: "queue.closed" })),
    () => Promise.resolve("done"),
  ];
  const onSuccess = vi.fn();
  const { result } = renderHook(() =>
    useAction(
      (_: string, key) => {
        keys.push(key);
        return (outcomes.shift() ?? (() => Promise.resolve("")))();
      },
      { onSuccess },
    ),
  );
  await act(async () => {
    result.current.run("hello");
    await Promise.resolve();
  });
  expect(result.current.error?.code).toBe("network.down");
  await act(async () => {
    result.current.run("hello");
    await Promise.resolve();
  });
  expect(result.current.error?.code).toBe("queue.closed");
  await act(async () => {
    result.current.run("hello");
    await Promise.resolve();
  });
  expect(result.current.error).toBeNull();
  expect(onSuccess).toHaveBeenCalledWith("done");
  expect(keys[1]).toEqual(keys[0]);
  expect(keys[2]).not.toEqual(keys[1]);
});
