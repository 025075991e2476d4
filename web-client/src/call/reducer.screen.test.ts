import { describe, expect, it } from "vitest";
import { kinds, LIVE, PEER, play } from "./testing/play";

describe("one's own screen", () => {
  const ON = { type: "screen", on: true, notice: null } as const;
  const OFF = { type: "screen", on: false, notice: null } as const;

  it("is told when it is shared, and when it ends by itself", () => {
    const shared = play(LIVE, [40, ON]);
    expect(shared.state.sharing).toBe(true);
    expect(shared.commands).toMatchObject([{ type: "tell_state", on: { screen: true } }]);
    const { state, commands } = play(shared.state, [50, OFF]);
    expect(state.sharing).toBe(false);
    expect(commands).toMatchObject([
      { type: "stop_screen" },
      { type: "tell_state", on: { mic: true, camera: true, screen: false } },
    ]);
  });

  it("outlives a line that is lost, and is told on the next", () => {
    const { state, commands } = play(
      LIVE,
      [40, ON],
      [50, { type: "lost", leg: "leg-1", reason: "worker" }],
      [60, { type: "joined", attempt: 2, leg: "leg-2", peer: PEER }],
    );
    expect(state.sharing).toBe(true);
    expect(kinds(commands)).not.toContain("stop_screen");
    expect(commands.at(-1)).toMatchObject({
      type: "tell_state",
      leg: "leg-2",
      on: { screen: true },
    });
  });

  it.each([
    { type: "stop" },
    { type: "visit_over" },
    { type: "prefer_chat" },
    { type: "lost", leg: "leg-1", reason: "replaced" },
  ] as const)("ends with the call: $type", (event) => {
    const { state, commands } = play(LIVE, [40, ON], [50, event]);
    expect(state.sharing).toBe(false);
    expect(kinds(commands)).toContain("stop_screen");
  });

  it("is not begun by a picker that was answered after the call", () => {
    const { state, commands } = play(LIVE, [40, { type: "stop" }], [50, ON]);
    expect(state.sharing).toBe(false);
    expect(kinds(commands.slice(-1))).toEqual(["stop_screen"]);
  });

  it("says why it could not be shared, and tells nobody", () => {
    const { state, commands } = play(LIVE, [40, { ...OFF, notice: "screen_failed" }]);
    expect(state.notice).toBe("screen_failed");
    expect(commands).toEqual([]);
  });
});
