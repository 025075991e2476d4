import { expect, it } from "vitest";
import { PEERS, sentIn, slotOf } from "./sections";

it("knows what each section of the offer is for", () => {
  const mids = Array.from({ length: 14 }, (_, at) => String(at));
  expect(mids.map(sentIn)).toEqual(["audio", "video", "screen", ...mids.slice(3).map(() => null)]);
  const slots = Array.from({ length: PEERS }, (_, at) => at);
  expect(mids.map(slotOf)).toEqual([null, null, null, ...slots, ...slots, "screen"]);
  expect([slotOf(null), slotOf("14"), slotOf("x"), sentIn(null)]).toEqual([null, null, null, null]);
});
