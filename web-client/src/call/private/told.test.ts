// @vitest-environment node
import { describe, expect, it } from "vitest";
import { dice } from "../testing/dice";
import { random } from "./bytes";
import { SECRET_BYTES } from "./frames";
import { read, type Told, written } from "./told";

const TOLD: Told = {
  secret: random(SECRET_BYTES),
  have: 0xffff_fffe,
  said: { round: "r", commitment: "c", number: null },
  asks: true,
};

describe("what devices tell each other", () => {
  it("is read as it was written", () => {
    expect(read(written(TOLD))).toEqual(TOLD);
    const more = { ...TOLD, have: null, asks: false, said: { ...TOLD.said, number: "n" } };
    expect(read(written(more))).toEqual(more);
  });

  it.each([
    { secret: "AAAA" },
    { secret: "?" },
    { secret: 7 },
    { have: "1" },
    { have: 1.5 },
    { have: undefined },
    { round: null },
    { commitment: 1 },
    { number: 5 },
  ])("is not read with %j", (wrong) => {
    const fields = JSON.parse(written(TOLD)) as object;
    expect(read(JSON.stringify({ ...fields, ...wrong }))).toBeNull();
  });

  it("is not read from noise", () => {
    const roll = dice(4);
    const whole = written(TOLD);
    for (let time = 0; time < 3_000; time += 1) {
      const at = roll.below(whole.length);
      const noise = roll.pick(["", "\0", '"', "{", "null", "9e999", "\ud800", "[[[["]);
      const text = whole.slice(0, at) + noise + whole.slice(at + roll.below(9));
      // Whatever it says, it is whole or nothing, and nothing is thrown.
      expect(read(text)?.secret.length ?? SECRET_BYTES).toBe(SECRET_BYTES);
    }
    for (const text of ["", "null", "[]", "7", '"secret"', "{}"]) expect(read(text)).toBeNull();
  });
});
