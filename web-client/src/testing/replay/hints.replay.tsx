/**
 * Replays what the server's tests have recorded (VARDRUM_TRACES) through the client's own socket,
 * cache and hooks: an old snapshot and the hints since must make the fresh snapshot.
 */
import { readFileSync } from "node:fs";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, render } from "@testing-library/react";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { queries } from "../../app/queries";
import { keys } from "../../wire/keys";
import { dice } from "../../call/testing/dice";
import { type Plan, PLANS } from "./plans";
import { ONLINE, Screens, type Shown } from "./screens";
import { Server, SocketStandIn, type Trace } from "./standIns";

let server: Server | undefined;
let socket: SocketStandIn | undefined;

vi.mock("socket.io-client", () => ({
  io: () => {
    if (!server) throw new Error("no server");
    socket = new SocketStandIn(server);
    return socket;
  },
}));

const { seed, traces } = JSON.parse(readFileSync(process.env.VARDRUM_TRACES ?? "", "utf8")) as {
  seed: number;
  traces: Trace[];
};

const SETTLE_MS = 1_500;
const SPREAD_MS = 4_500;
const REST_MS = 3_200;
/** More than a heartbeat, and what it fetches. */
const BEAT_MS = 12_000;
const SLICE_MS = 500;

/** In slices: what is told within one is rendered, and acted upon, when it ends. */
const pass = async (ms: number): Promise<void> => {
  for (let left = ms; ; left -= SLICE_MS) {
    await act(async () => {
      await vi.advanceTimersByTimeAsync(Math.min(left, SLICE_MS));
    });
    if (left <= SLICE_MS) return;
  }
};

beforeAll(async () => {
  // The first import of a chunk is no matter of fake timers.
  await import("socket.io-client");
});

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  sessionStorage.clear();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe.each(traces)("$name", (trace) => {
  it.each(PLANS)("hints $name", (plan) => replay(trace, plan));
});

async function replay(trace: Trace, plan: Plan): Promise<void> {
  const roll = dice(seed);
  const there = (server = new Server(trace, roll));
  vi.stubGlobal("fetch", there.fetch);
  const last = trace.moments.length - 1;
  const from = roll.below(last);
  const gap = SPREAD_MS / (last - from + 3);
  const shown: Shown = new Map();
  const screens = () => (
    <QueryClientProvider client={queries}>
      <Screens audience={trace.audience} moment={there.moment} shown={shown} />
    </QueryClientProvider>
  );
  there.at = from;
  const page = render(screens());
  const move = (to: number): void => {
    const before = ticketsAt(there);
    there.at = to;
    page.rerender(screens());
    // Whoever joins a queue does so here, and the page that did it asks for the overview.
    if (ticketsAt(there) > before) void queries.invalidateQueries({ queryKey: keys.overview });
  };
  try {
    await live();
  } finally {
    page.unmount();
    // The socket is kept for a moment after the last page.
    await pass(3_000);
    queries.clear();
  }

  async function live(): Promise<void> {
    await pass(SETTLE_MS);
    let now = 0;
    for (const { at, told } of plan.arrivals(trace, from, gap, roll)) {
      while (there.at < last && (there.at + 1 - from) * gap <= at) {
        const next = (there.at + 1 - from) * gap;
        await pass(next - now);
        now = next;
        move(there.at + 1);
      }
      await pass(Math.max(0, at - now));
      now = Math.max(now, at);
      act(() => socket?.push(told));
    }
    move(last);
    await pass(SPREAD_MS + REST_MS - now);
    if (!plan.lossy) compare(trace, shown, plan.ordered);
    await pass(BEAT_MS);
    compare(trace, shown, true);
  }
}

function ticketsAt({ moment }: Server): number {
  return Object.keys(moment.answers).filter((path) => path.includes("/queue-tickets/")).length;
}

function compare(trace: Trace, shown: Shown, presence: boolean): void {
  const fresh = trace.moments.at(-1);
  if (!fresh) throw new Error("an empty trace");
  for (const [path, answer] of Object.entries(fresh.answers)) {
    if (path.endsWith("/duty")) continue;
    if (path.endsWith("/guests")) {
      expect(shown.get(path), path).toStrictEqual((answer as { guests: unknown }).guests);
    } else if (path.endsWith("/messages")) {
      expect(shown.get(path), path).toStrictEqual((answer as { messages: unknown }).messages);
    } else {
      const held = bare(shown.get(path));
      expect(held, path).toStrictEqual(seenAgain(held, bare(answer)));
    }
  }
  if (!presence) return;
  for (const { visit_id, peer_online } of fresh.sync.visits) {
    const path = `/api/v1/${trace.audience}/visits/${visit_id}`;
    const { state } = fresh.answers[path] as { state: string };
    if (state !== "called" && state !== "in_progress") continue;
    // Who was never here is not said to be gone.
    expect(shown.get(path + ONLINE) ?? false, path + ONLINE).toBe(peer_online);
  }
}

/**
 * Who meets a patient again sees the name in an older visit as well. That visit itself has not
 * changed, so nobody is told, and a page of it that is open says no name until it is fetched.
 */
function seenAgain(held: unknown, answer: unknown): unknown {
  const before = held as { patient?: unknown } | null;
  const now = answer as { patient?: unknown; state?: string } | null;
  const open = now?.state === "called" || now?.state === "in_progress";
  return before?.patient === null && !open ? { ...now, patient: null } : answer;
}

/** Lines have numbers of their own and do not raise a visit's version: `last_seq` is not held. */
function bare(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify(answer ?? null, (key, value: unknown) =>
      key === "last_seq" ? undefined : value,
    ),
  );
}
