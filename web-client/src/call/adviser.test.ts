import { expect, it } from "vitest";
import { Adviser } from "./adviser";
import { ALL_SPARED, NOTHING_SPARED, TIMES } from "./ladder";
import type { CallState } from "./model";
import { FIRST_VERDICT, GOOD } from "./quality";
import { LIVE, play } from "./testing/play";
import { seat, seating } from "./testing/seats";

const BAD = { word: "bad", reason: "loss", way: "both" } as const;
const at = (state: CallState, line: typeof BAD | typeof GOOD) => ({
  state,
  seating: seating([seat()], { line }),
  verdict: FIRST_VERDICT,
});

it("remembers how one's own line was in the call that is over", () => {
  const adviser = new Adviser(true);
  expect(adviser.look(at(LIVE, BAD), 0).last).toEqual(BAD);
  const over = play(LIVE, [1_000, { type: "prefer_chat" }]).state;
  expect(adviser.look({ ...at(over, GOOD), seating: null }, 1_000).last).toEqual(BAD);
  expect(adviser.look(at(LIVE, GOOD), 2_000).last).toEqual(GOOD);
});

it("proposes the picture again to who chose sound only while the line was broken", () => {
  const adviser = new Adviser(true);
  const broken = play(LIVE, [1_000, { type: "link", leg: "leg-1", link: "disconnected" }]).state;
  const spare = [2_000, { type: "spare", spared: ALL_SPARED }] as const;
  const { state, commands } = play(broken, spare, [
    3_000,
    { type: "link", leg: "leg-1", link: "connected" },
  ]);
  expect(commands.filter(({ type }) => type === "tell_state").at(-1)).toMatchObject({
    on: { camera: false, pictures: false, soundFirst: true },
  });
  expect(adviser.look(at(state, GOOD), 4_000).proposal).toBeNull();
  const { proposal } = adviser.look(at(state, GOOD), 4_000 + TIMES.up);
  expect(proposal).toMatchObject({ rung: "video", spared: NOTHING_SPARED });
});

it("gives up no camera that nobody takes: there is nothing to be had by it", () => {
  const adviser = new Adviser(true);
  const listens = seating([seat({ pictures_wanted: false })], { line: { ...BAD, way: "up" } });
  const now = { ...at(LIVE, BAD), seating: listens };
  adviser.look(now, 0);
  expect(adviser.look(now, TIMES.down).proposal).toBeNull();
  expect(adviser.look(now, TIMES.chat).proposal?.rung).toBe("chat");
});
