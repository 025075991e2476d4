import { describe, expect, it } from "vitest";
import { NOTHING_SPARED } from "./ladder";
import { freshCall, sending } from "./model";
import { ANSWERED, kinds, LINKED, LIVE, PEER, play } from "./testing/play";

const HOLD = { type: "hold", on: true } as const;
const RESUME = { type: "hold", on: false } as const;
const NOTHING = { mic: false, camera: false, screen: false, onHold: true };

describe("a hold", () => {
  it("stops everything, tells it, and gives back what was on", () => {
    const muted = play(LIVE, [40, { type: "want", mic: false }]).state;
    const held = play(muted, [50, HOLD]);
    const off = { mic: false, camera: false };
    expect(held.commands).toMatchObject([
      { type: "remember", onHold: true },
      { type: "apply_wanted", wanted: off, asked: off },
      { type: "tell_state", on: NOTHING },
    ]);
    const { state, commands } = play(held.state, [60, RESUME]);
    const on = { mic: false, camera: true };
    expect(sending(state)).toMatchObject({ ...on, onHold: false });
    expect(commands).toContainEqual({ type: "apply_wanted", wanted: on, asked: on });
  });

  it("keeps the screen that was picked, and sends nothing of it meanwhile", () => {
    const shared = play(LIVE, [40, { type: "screen", on: true, notice: null }]).state;
    const held = play(shared, [50, HOLD]);
    expect(held.commands).toContainEqual({ type: "send_screen", on: false });
    expect(sending(held.state).screen).toBe(false);
    const resumed = play(held.state, [60, RESUME]);
    expect(resumed.commands).toContainEqual({ type: "send_screen", on: true });
    expect(sending(resumed.state).screen).toBe(true);
  });

  it("outlives a line that is lost, and is told on the next", () => {
    const { state, commands } = play(
      LIVE,
      [40, HOLD],
      [50, { type: "lost", leg: "leg-1", reason: "worker" }],
      [60, { type: "joined", attempt: 2, leg: "leg-2", peer: PEER }],
    );
    expect(state.onHold).toBe(true);
    expect(commands.at(-1)).toMatchObject({ type: "tell_state", leg: "leg-2", on: NOTHING });
  });

  it("outlives a reload: no camera is asked for, and the others are told at once", () => {
    const again = freshCall({ mic: true, camera: true }, "up", true);
    const { state, commands } = play(again, ...ANSWERED, LINKED);
    expect(state.onHold).toBe(true);
    expect(commands).toContainEqual({ type: "ask_devices", camera: false });
    expect(commands.find(({ type }) => type === "tell_state")).toMatchObject({ on: NOTHING });
  });

  it.each([{ type: "stop" }, { type: "prefer_chat" }, { type: "visit_over" }] as const)(
    "ends with the call, also for who loads the page again: $type",
    (event) => {
      const { state, commands } = play(LIVE, [40, HOLD], [50, event]);
      expect(state.onHold).toBe(false);
      expect(commands.filter(({ type }) => type === "remember").at(-1)).toMatchObject({
        onHold: false,
      });
    },
  );

  it("is nothing without a call, and not done twice", () => {
    expect(play(freshCall({ mic: true, camera: true }, "up"), [0, HOLD]).state.onHold).toBe(false);
    expect(play(LIVE, [40, HOLD], [50, HOLD]).commands).toHaveLength(3);
  });
});

describe("what is left out for the sound", () => {
  it("is told, and comes back as it was", () => {
    const { state, commands } = play(LIVE, [
      40,
      { type: "spare", spared: { camera: true, pictures: true } },
    ]);
    expect(commands).toMatchObject([
      { type: "apply_wanted", wanted: { mic: true, camera: false } },
      { type: "tell_state", on: { camera: false, pictures: false, soundFirst: true } },
    ]);
    const back = play(state, [50, { type: "spare", spared: NOTHING_SPARED }]);
    expect(back.commands).toMatchObject([
      { type: "apply_wanted", wanted: { camera: true }, asked: { camera: true } },
      { type: "tell_state", on: { camera: true, pictures: true, soundFirst: false } },
    ]);
  });

  it("switches no camera on that was off before", () => {
    const off = play(LIVE, [40, { type: "want", camera: false }]).state;
    const { commands } = play(
      off,
      [50, { type: "spare", spared: { camera: true, pictures: false } }],
      [60, { type: "spare", spared: NOTHING_SPARED }],
    );
    expect(commands.filter(({ type }) => type === "apply_wanted").at(-1)).toMatchObject({
      wanted: { camera: false },
      asked: { camera: false },
    });
  });

  it("ends for the camera when the person switches it on", () => {
    const spared = { camera: true, pictures: true };
    const { state } = play(
      LIVE,
      [40, { type: "spare", spared }],
      [50, { type: "want", camera: true }],
    );
    expect(state.spared).toEqual({ camera: false, pictures: true });
    expect(sending(state).camera).toBe(true);
  });

  it("is nothing without a call", () => {
    const spared = { camera: true, pictures: true };
    const { state, commands } = play(LIVE, [40, { type: "stop" }], [50, { type: "spare", spared }]);
    expect(state.spared).toEqual(NOTHING_SPARED);
    expect(kinds(commands.slice(-1))).not.toContain("tell_state");
  });
});
