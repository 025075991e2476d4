import { describe, expect, it } from "vitest";
import type { Opened } from "../../media/check";
import { equipmentOf, type Findings, NOTHING_FOUND } from "./findings";
import type { Measured } from "./network";

const MEASURED: Measured = {
  network: "weak",
  round_trip_ms: 410,
  loss_percent: 1.5,
  up_kbps: 900,
  down_kbps: 850,
  transport: "tcp",
};
const opened = (part: Partial<Opened> = {}): Opened => ({
  stream: {} as MediaStream,
  camera: "ok",
  microphone: "ok",
  ...part,
});
const live = (found: Partial<Findings>, part: Partial<Opened> = {}) =>
  equipmentOf({ stage: "live", opened: opened(part) }, { ...NOTHING_FOUND, ...found });

describe("what is told of the equipment", () => {
  it("is nothing before anything was opened", () => {
    expect(equipmentOf({ stage: "before" }, NOTHING_FOUND)).toBeNull();
    expect(equipmentOf({ stage: "asking" }, NOTHING_FOUND)).toBeNull();
  });

  it("has a word for each part, and the numbers", () => {
    expect(live({ hearing: "heard", speaker: "heard", network: MEASURED })).toEqual({
      camera: "ok",
      microphone: "heard",
      speaker: "heard",
      ...MEASURED,
    });
  });

  it("calls untested what was not tested to the end", () => {
    expect(live({})).toMatchObject({
      microphone: "untested",
      speaker: "untested",
      network: "untested",
      transport: null,
    });
  });

  it.each([
    ["media", "blocked"],
    ["socket", "blocked"],
    ["server", "untested"],
  ] as const)("a network where the test failed for %s is %s", (why, network) => {
    expect(live({ network: why })).toMatchObject({ network, round_trip_ms: null });
  });

  it("says why there is no microphone rather than that it is silent", () => {
    expect(live({ hearing: "silent" }, { microphone: "busy" })?.microphone).toBe("busy");
    expect(live({ hearing: "silent" })?.microphone).toBe("silent");
  });

  it.each([
    ["denied", "denied"],
    ["insecure", "denied"],
    ["missing", "missing"],
    ["busy", "busy"],
  ] as const)("when nothing opens (%s), both are %s", (trouble, word) => {
    expect(equipmentOf({ stage: "trouble", trouble }, NOTHING_FOUND)).toMatchObject({
      camera: word,
      microphone: word,
      network: "untested",
    });
  });
});
