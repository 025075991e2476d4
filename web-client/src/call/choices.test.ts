import { afterEach, expect, it } from "vitest";
import { chosenDevices } from "../media/chosen";
import { cameraFirst } from "./choices";

afterEach(() => localStorage.clear());

it("begins with the camera on, unless it was left off here and nobody needs the picture", () => {
  expect([cameraFirst(false), cameraFirst(true)]).toEqual([true, true]);
  chosenDevices.set({ camera_on: false });
  expect([cameraFirst(false), cameraFirst(true)]).toEqual([false, true]);
});
