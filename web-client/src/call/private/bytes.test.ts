// @vitest-environment node
import { describe, expect, it } from "vitest";
import { fromText, toText } from "./bytes";

describe("bytes as text", () => {
  it("come back", () => {
    for (let length = 0; length < 9; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, at) => 255 - 40 * at);
      expect(fromText(toText(bytes))).toEqual(bytes);
    }
  });

  it.each(["AB", "AAB", "AA==", "A", "+A", "/A", "A A", "å"])("are not read from %j", (text) => {
    expect(() => fromText(text)).toThrow();
  });
});
