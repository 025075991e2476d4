import { beforeEach, expect, it } from "vitest";
import { rememberedNeed, rememberNeed } from "./remembered";

beforeEach(() => localStorage.clear());

it("is filled in next time, for that person alone, and leaves nothing behind of who speaks", () => {
  expect(rememberedNeed("astrid")).toBe("speech");
  rememberNeed("astrid", "signs");
  expect(rememberedNeed("astrid")).toBe("signs");
  expect(rememberedNeed("bo")).toBe("speech");
  rememberNeed("astrid", "speech");
  expect(rememberedNeed("astrid")).toBe("speech");
  expect(localStorage).toHaveLength(0);
});

it("takes what it does not know for speech", () => {
  localStorage.setItem("vardrum.communication.astrid", "morse");
  expect(rememberedNeed("astrid")).toBe("speech");
});
