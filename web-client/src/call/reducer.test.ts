import { describe, expect, it } from "vitest";
import { dice } from "./testing/dice";
import { ANSWERED, kinds, LINKED, LIVE, PEER, play, READY, type WithoutTime } from "./testing/play";
import { freshCall, inCall, NEXT, type CallEvent, type CallState, type Phase } from "./model";
import { TIMES } from "./reconnect";
import { step } from "./reducer";

describe("a call that works", () => {
  it("asks, joins, connects and is live", () => {
    const { state, commands } = play(READY, ...ANSWERED, LINKED);
    expect(state.phase).toBe("live");
    expect(kinds(commands)).toEqual(["ask_devices", "close_peer", "join", "tell_state"]);
  });

  it("explains first when the browser will ask", () => {
    const { state, commands } = play(READY, [0, { type: "start", granted: false }]);
    expect(state.phase).toBe("explaining");
    expect(commands).toEqual([]);
    expect(kinds(play(state, [1, { type: "explained" }]).commands)).toEqual(["ask_devices"]);
  });

  it("remembers and tells a muted microphone", () => {
    const { state, commands } = play(LIVE, [40, { type: "want", mic: false }]);
    expect(state.wanted).toEqual({ mic: false, camera: true });
    expect(kinds(commands)).toEqual(["remember", "apply_wanted", "tell_state"]);
    expect(commands.at(-1)).toMatchObject({ on: { mic: false, camera: true } });
  });

  it("leaves the server, the connection and the devices when it stops", () => {
    const { state, commands } = play(LIVE, [50, { type: "stop" }]);
    expect(state.phase).toBe("idle");
    expect(kinds(commands)).toEqual(["leave", "close_peer", "release_devices"]);
  });
});

describe("chat takes over", () => {
  it.each(["permission_denied", "no_device"] as const)("when devices end in %s", (reason) => {
    const { state, commands } = play(
      READY,
      [0, { type: "start", granted: true }],
      [5, { type: "devices_refused", reason }],
    );
    expect(state.phase).toBe("fallen_back");
    expect(commands.at(-1)).toEqual({ type: "go_chat", reason });
  });

  it("when the first connection does not come within 15 s", () => {
    const { state, commands } = play(READY, ...ANSWERED, [
      10 + TIMES.giveUpFirst,
      { type: "tick" },
    ]);
    expect(state.phase).toBe("fallen_back");
    expect(commands.at(-1)).toEqual({ type: "go_chat", reason: "media_blocked" });
  });

  it("when a broken connection does not come back within 40 s", () => {
    const { state, commands } = play(
      LIVE,
      [100, { type: "link", leg: "leg-1", link: "disconnected" }],
      [100 + TIMES.giveUp, { type: "tick" }],
    );
    expect(state.phase).toBe("fallen_back");
    expect(commands.at(-1)).toEqual({ type: "go_chat", reason: "connection_lost" });
  });

  it("at once, and before anything is asked, where no socket gets through", () => {
    const blocked = play(READY, [0, { type: "socket", socket: "blocked" }]).state;
    for (const events of [
      [[5, { type: "start", granted: false }]],
      [[5, { type: "start", granted: true }]],
    ] as const) {
      const { state, commands } = play(blocked, ...events);
      expect(state.phase).toBe("fallen_back");
      expect(commands).toEqual([{ type: "go_chat", reason: "media_blocked" }]);
    }
  });

  it("also from the explanation and from a first attempt", () => {
    const explaining = play(READY, [0, { type: "start", granted: false }]).state;
    for (const state of [explaining, play(READY, ...ANSWERED).state]) {
      const next = play(state, [12_000, { type: "socket", socket: "blocked" }]);
      expect(next.state.phase).toBe("fallen_back");
      expect(next.commands.at(-1)).toEqual({ type: "go_chat", reason: "media_blocked" });
    }
  });

  it("not while the network is gone altogether: then the call waits for it", () => {
    const gone = play(
      LIVE,
      [90, { type: "socket", socket: "down" }],
      [5_000, { type: "quiet", leg: "leg-1", since: 1_000 }],
      [16_000, { type: "link", leg: "leg-1", link: "failed" }],
      [120_000, { type: "tick" }],
    );
    expect(gone.state.phase).toBe("reconnecting");
    const back = play(gone.state, [121_000, { type: "socket", socket: "up" }]);
    expect(kinds(back.commands)).toEqual(["close_peer", "join"]);
    const late = play(back.state, [121_000 + TIMES.tryBack, { type: "tick" }]);
    expect(late.commands.at(-1)).toEqual({ type: "go_chat", reason: "connection_lost" });
  });

  it("not while the picture flows, however blocked the socket is", () => {
    const { state, commands } = play(
      LIVE,
      [90, { type: "socket", socket: "blocked" }],
      [200_000, { type: "tick" }],
    );
    expect(state.phase).toBe("live");
    expect(commands).toEqual([]);
  });

  it("and video may be tried again afterwards", () => {
    const chat = play(LIVE, [40, { type: "prefer_chat" }], [50, { type: "stop" }]).state;
    expect(chat.phase).toBe("idle");
    expect(play(chat, [60, { type: "start", granted: true }]).state.phase).toBe("asking_devices");
  });
});

describe("a connection that breaks", () => {
  it("restarts at once and is live again", () => {
    const broken = play(LIVE, [100, { type: "link", leg: "leg-1", link: "disconnected" }]);
    expect(broken.state.phase).toBe("reconnecting");
    expect(kinds(broken.commands)).toEqual(["restart"]);
    const whole = play(broken.state, [900, { type: "link", leg: "leg-1", link: "connected" }]);
    expect(whole.state.phase).toBe("live");
    expect(whole.state.trouble).toBeNull();
    expect(kinds(whole.commands)).toEqual(["tell_state"]);
  });

  it("waits for the socket, then restarts without delay", () => {
    const { state, commands } = play(
      LIVE,
      [90, { type: "socket", socket: "down" }],
      [100, { type: "link", leg: "leg-1", link: "disconnected" }],
      [5_000, { type: "tick" }],
    );
    expect(commands).toEqual([]);
    expect(kinds(play(state, [5_100, { type: "socket", socket: "up" }]).commands)).toEqual([
      "tell_state",
      "restart",
    ]);
  });

  it("joins again when the server no longer knows the leg", () => {
    const { state, commands } = play(
      LIVE,
      [100, { type: "link", leg: "leg-1", link: "disconnected" }],
      [200, { type: "refused", leg: "leg-1", code: "call.no_leg" }],
    );
    expect(state.phase).toBe("reconnecting");
    expect(kinds(commands)).toEqual(["restart", "close_peer", "join"]);
  });

  it("joins again though media flows, when the server was started anew and knows no leg", () => {
    const { state, commands } = play(
      LIVE,
      [100, { type: "socket", socket: "down" }],
      [3_000, { type: "socket", socket: "up" }],
      [3_050, { type: "refused", leg: "leg-1", code: "call.no_leg" }],
    );
    expect(state.phase).toBe("reconnecting");
    expect(kinds(commands)).toEqual(["tell_state", "close_peer", "join"]);
  });

  it("leaves the leg alone when what it said did not get through", () => {
    const { state, commands } = play(LIVE, [
      100,
      { type: "refused", leg: "leg-1", code: "socket.timeout" },
    ]);
    expect(state).toBe(LIVE);
    expect(commands).toEqual([]);
  });

  it("gives way to another device though its hint was slept through", () => {
    const { state, commands } = play(LIVE, [
      100,
      { type: "refused", leg: "leg-1", code: "call.replaced" },
    ]);
    expect(state.phase).toBe("replaced");
    expect(kinds(commands)).toEqual(["close_peer", "release_devices"]);
  });

  it("joins again when the worker died, and counts the time from the break", () => {
    const { state, commands } = play(
      LIVE,
      [100, { type: "lost", leg: "leg-1", reason: "worker" }],
      [200, { type: "join_refused", attempt: 2, code: "call.unavailable" }],
      [2_150, { type: "tick" }],
      [2_300, { type: "joined", attempt: 3, leg: "leg-2", peer: PEER }],
    );
    expect(kinds(commands)).toEqual(["close_peer", "join", "close_peer", "join", "tell_state"]);
    expect(state.trouble?.since).toBe(100);
    expect(
      play(state, [2_400, { type: "link", leg: "leg-2", link: "connected" }]).state.phase,
    ).toBe("live");
  });

  it("believes silence, and believes packets again", () => {
    const quiet = play(LIVE, [9_000, { type: "quiet", leg: "leg-1", since: 5_000 }]).state;
    expect(quiet.trouble?.since).toBe(5_000);
    expect(play(quiet, [9_500, { type: "flowing", leg: "leg-1" }]).state.phase).toBe("live");
  });

  it("does not care what an earlier connection says", () => {
    expect(play(LIVE, [100, { type: "link", leg: "leg-0", link: "failed" }]).state).toBe(LIVE);
    expect(play(LIVE, [100, { type: "lost", leg: "leg-0", reason: "replaced" }]).state).toBe(LIVE);
  });

  it("stops when another tab continues, and takes over when asked", () => {
    const { state, commands } = play(LIVE, [
      100,
      { type: "lost", leg: "leg-1", reason: "replaced" },
    ]);
    expect(state.phase).toBe("replaced");
    expect(kinds(commands)).toEqual(["close_peer", "release_devices"]);
    expect(play(state, [200, { type: "tick" }]).state.phase).toBe("replaced");
    expect(kinds(play(state, [300, { type: "take_over" }]).commands)).toEqual(["ask_devices"]);
  });
});

function randomEvent(state: CallState, at: number, roll: ReturnType<typeof dice>): CallEvent {
  const leg = roll.below(5) === 0 ? "leg-of-before" : (state.leg ?? "leg-of-before");
  const attempt = roll.below(5) === 0 ? state.attempt - 1 : state.attempt;
  const events: WithoutTime<CallEvent>[] = [
    { type: "start", granted: roll.below(2) === 0 },
    { type: "explained" },
    { type: "devices_ready", have: { mic: true, camera: roll.below(2) === 0 }, notice: null },
    { type: "devices_refused", reason: roll.pick(["permission_denied", "no_device"]) },
    { type: "joined", attempt, leg: `leg-${String(attempt)}`, peer: PEER },
    {
      type: "join_refused",
      attempt,
      code: roll.pick(["call.unavailable", "visit.closed", "socket.timeout"]),
    },
    { type: "link", leg, link: roll.pick(["connected", "connected", "disconnected", "failed"]) },
    { type: "quiet", leg, since: at - 4_000 },
    { type: "flowing", leg },
    { type: "refused", leg, code: roll.pick(["call.no_leg", "call.replaced", "socket.timeout"]) },
    { type: "lost", leg, reason: roll.pick(["worker", "replaced", "closed"]) },
    { type: "socket", socket: roll.pick(["up", "up", "down", "blocked"]) },
    { type: "peer", peer: PEER },
    { type: "want", camera: roll.below(2) === 0 },
    { type: "device", kind: "camera", have: roll.below(2) === 0, notice: "camera_gone" },
    { type: "screen", on: roll.below(2) === 0, notice: null },
    { type: "notice_read" },
    { type: "take_over" },
    { type: "tick" },
    { type: "tick" },
    ...(roll.below(6) === 0
      ? ([{ type: "stop" }, { type: "prefer_chat" }] satisfies WithoutTime<CallEvent>[])
      : []),
    ...(roll.below(60) === 0 ? ([{ type: "visit_over" }] satisfies WithoutTime<CallEvent>[]) : []),
  ];
  return { ...roll.pick(events), at };
}

describe("walked at random", () => {
  it("makes only the moves of the table, and keeps what must hold", () => {
    const seen = new Set<Phase>();
    const faults: string[] = [];
    for (let seed = 1; seed <= 200; seed += 1) {
      const roll = dice(seed);
      let state = freshCall({ mic: true, camera: true }, roll.pick(["up", "down"]));
      let at = 0;
      for (let length = 0; length < 120; length += 1) {
        at += roll.pick([1, 50, 400, 2_000, 6_000]);
        const before = state;
        const next = step(state, randomEvent(state, at, roll));
        state = next.state;
        seen.add(state.phase);
        const todo = kinds(next.commands);
        const wrong = (what: string): void => {
          faults.push(`${what}: ${before.phase} to ${state.phase}, seed ${seed}, step ${length}`);
        };
        const moved = state.phase !== before.phase;
        if (moved && !NEXT[before.phase].includes(state.phase)) wrong("no such move");
        // Outside a call nothing is held: no leg, no devices, no clock running.
        if (!inCall(state.phase) && (state.leg !== null || state.trouble !== null)) wrong("held");
        if (!inCall(state.phase) && state.sharing) wrong("a screen is shared outside a call");
        if (before.sharing && !state.sharing && !todo.includes("stop_screen")) {
          wrong("screen kept");
        }
        if (inCall(before.phase) && !inCall(state.phase) && !todo.includes("release_devices")) {
          wrong("devices kept");
        }
        // A call without a working connection always has a clock, so it cannot wait for ever.
        if (inCall(state.phase) && (state.trouble === null) !== (state.phase === "live")) {
          wrong("no clock");
        }
        const falls = before.phase !== "fallen_back" && state.phase === "fallen_back";
        if (todo.includes("go_chat") !== falls) wrong("chat");
        // Nothing travels on a socket that is down.
        if (state.socket !== "up" && todo.includes("restart")) wrong("restart without a socket");
      }
    }
    expect(faults).toEqual([]);
    expect(seen).toEqual(new Set(Object.keys(NEXT)));
  });

  it("never waits for ever: left alone, every call is live or in chat within 41 s", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const roll = dice(seed);
      let state = freshCall({ mic: true, camera: true }, "up");
      let at = 0;
      for (let length = 0; length < 60; length += 1) {
        at += roll.pick([1, 50, 400]);
        state = step(state, randomEvent(state, at, roll)).state;
      }
      if (!inCall(state.phase)) continue;
      // Without a network there is nothing to change to; with one, there is.
      state = step(state, { type: "socket", socket: roll.pick(["up", "blocked"]), at }).state;
      for (const until = at + TIMES.giveUp + 1_000; at < until; at += 500) {
        state = step(state, { type: "tick", at }).state;
      }
      expect(["live", "fallen_back"]).toContain(state.phase);
    }
  });
});
