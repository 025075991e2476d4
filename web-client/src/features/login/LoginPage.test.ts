import { expect, it } from "vitest";
import { safeTarget } from "./LoginPage";

it("leads back to our own pages only", () => {
  expect(safeTarget("/ko/1")).toBe("/ko/1");
  for (const bad of [null, "", "https://evil.example", "//evil.example", "/\\evil.example"]) {
    expect(safeTarget(bad)).toBe("/");
  }
});
