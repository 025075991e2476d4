import { describe, expect, it } from "vitest";
import type { SocketState, Trouble } from "./model";
import { nextStep, shownTrouble, TIMES, type NextStep } from "./reconnect";

function trouble(part: Partial<Trouble> = {}): Trouble {
  return { since: 0, link: "disconnected", restartAt: null, joinAt: null, asking: false, ...part };
}

interface Row {
  readonly what: string;
  readonly trouble: Trouble;
  readonly at: number;
  readonly socket?: SocketState;
  readonly socketSince?: number;
  readonly connectedOnce?: boolean;
  readonly then: NextStep;
}

const TABLE: readonly Row[] = [
  { what: "asks for a restart at once", trouble: trouble(), at: 0, then: "restart" },
  { what: "waits for the socket", trouble: trouble(), at: 3_000, socket: "down", then: "wait" },
  { what: "lets a restart work", trouble: trouble({ restartAt: 0 }), at: 3_999, then: "wait" },
  {
    what: "restarts every few seconds",
    trouble: trouble({ restartAt: 0 }),
    at: 4_000,
    then: "restart",
  },
  {
    what: "treats silence like a break",
    trouble: trouble({ link: "quiet" }),
    at: 1,
    then: "restart",
  },
  {
    what: "restarts after failed, which is sooner there than a new connection",
    trouble: trouble({ link: "failed" }),
    at: 15_000,
    then: "restart",
  },
  {
    what: "joins anew when that did not help for 25 s",
    trouble: trouble({ link: "failed", restartAt: 24_000 }),
    at: TIMES.renew,
    then: "join",
  },
  {
    what: "joins anew when a first connection failed",
    trouble: trouble({ link: "failed" }),
    connectedOnce: false,
    at: 14_000,
    then: "join",
  },
  {
    what: "joins anew when a new connection failed",
    trouble: trouble({ link: "failed", joinAt: 8_000 }),
    at: 15_000,
    then: "join",
  },
  {
    what: "joins anew after 25 s",
    trouble: trouble({ restartAt: 24_000 }),
    at: TIMES.renew,
    then: "join",
  },
  {
    what: "lets a new connection work",
    trouble: trouble({ link: "failed", joinAt: 15_000 }),
    at: 20_999,
    then: "wait",
  },
  {
    what: "tries another new connection",
    trouble: trouble({ link: "waiting", joinAt: 15_000 }),
    at: 21_000,
    then: "join",
  },
  {
    what: "joins at once when the worker died",
    trouble: trouble({ link: "lost" }),
    at: 0,
    then: "join",
  },
  {
    what: "does not hammer when there is no worker",
    trouble: trouble({ link: "lost", joinAt: 0 }),
    at: 1_999,
    then: "wait",
  },
  {
    what: "asks one thing at a time",
    trouble: trouble({ link: "lost", asking: true }),
    at: 9_000,
    then: "wait",
  },
  {
    what: "is patient to the end",
    trouble: trouble({ joinAt: 38_000 }),
    at: 39_999,
    then: "wait",
  },
  { what: "gives up at 40 s", trouble: trouble(), at: TIMES.giveUp, then: "give_up" },
  {
    what: "changes to no chat that does not come through either",
    trouble: trouble(),
    at: 10 * TIMES.giveUp,
    socket: "down",
    then: "wait",
  },
  {
    what: "tries anew when the network comes back late",
    trouble: trouble({ link: "failed", joinAt: 16_000 }),
    at: 90_000,
    socketSince: 89_999,
    then: "join",
  },
  {
    what: "tries that for 15 s",
    trouble: trouble({ link: "waiting", joinAt: 90_000 }),
    at: 90_000 + TIMES.tryBack,
    socketSince: 90_000,
    then: "give_up",
  },
  {
    what: "hopes for what flowed while the socket is blocked",
    trouble: trouble(),
    at: TIMES.giveUp - 1,
    socket: "blocked",
    then: "wait",
  },
  {
    what: "does not hope for ever",
    trouble: trouble(),
    at: TIMES.giveUp,
    socket: "blocked",
    then: "give_up",
  },
  {
    what: "does not wait for a first connection that cannot be asked for",
    trouble: trouble({ link: "lost", joinAt: 0 }),
    at: 1,
    socket: "blocked",
    connectedOnce: false,
    then: "give_up",
  },
  {
    what: "lets the first connection come",
    trouble: trouble({ link: "waiting", joinAt: 0 }),
    at: 14_999,
    connectedOnce: false,
    then: "wait",
  },
  {
    what: "gives the first connection 15 s",
    trouble: trouble({ link: "waiting", joinAt: 14_000 }),
    at: TIMES.giveUpFirst,
    connectedOnce: false,
    then: "give_up",
  },
  {
    what: "asks again while no worker answers the first time",
    trouble: trouble({ link: "lost", joinAt: 0 }),
    at: 2_000,
    connectedOnce: false,
    then: "join",
  },
];

describe("what to do about a broken connection", () => {
  it.each(TABLE)("$what", ({ at, then, ...given }) => {
    const usual = { socket: "up", socketSince: -TIMES.giveUp, connectedOnce: true } as const;
    expect(nextStep({ ...usual, ...given }, at)).toBe(then);
  });
});

describe("what to say about it", () => {
  it.each([
    [0, "nothing"],
    [1_999, "nothing"],
    [2_000, "brief"],
    [4_999, "brief"],
    [5_000, "reconnecting"],
    [14_999, "reconnecting"],
    [15_000, "offers"],
  ] as const)("after %i ms: %s", (at, words) => {
    expect(shownTrouble(trouble(), at)).toBe(words);
  });

  it("says nothing when all is well", () => {
    expect(shownTrouble(null, 90_000)).toBe("nothing");
  });
});
