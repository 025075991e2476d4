import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "./problem";
import { sessionGate } from "./sessionGate";
import { Live, type Watch } from "./socket";
import type { SyncAnswer } from "./types";

const NOWHERE: SyncAnswer = { visits: [], tickets: [], queue: null, guest: null };

/** Socket.IO's client as far as it is used, with the server's side in the test's hands. */
class FakeSocket {
  connected = false;
  active = true;
  connects = 0;
  readonly sent: [string, unknown][] = [];
  answer: (event: string) => unknown = () => ({ ok: true, ...NOWHERE });
  readonly #on = new Map<string, (payload: unknown) => void>();
  #any: (event: string, payload: unknown) => void = () => undefined;

  on(event: string, listener: (payload: unknown) => void): void {
    this.#on.set(event, listener);
  }
  onAny(listener: (event: string, payload: unknown) => void): void {
    this.#any = listener;
  }
  timeout(): this {
    return this;
  }
  async emitWithAck(event: string, payload: unknown): Promise<unknown> {
    this.sent.push([event, payload]);
    const answer = this.answer(event);
    if (answer === undefined) throw new Error("operation has timed out");
    return await Promise.resolve(answer);
  }
  connect(): this {
    return ((this.connects += 1), this);
  }
  disconnect(): this {
    this.connected = false;
    return this;
  }
  up(): void {
    this.connected = true;
    this.#on.get("connect")?.(undefined);
  }
  down(reason = "transport close"): void {
    this.connected = false;
    this.#on.get("disconnect")?.(reason);
  }
  refuse(code: string): void {
    this.active = false;
    this.#on.get("connect_error")?.(Object.assign(new Error(code), { data: { code } }));
  }
  hint(event: string, payload: unknown): void {
    this.#on.get(event)?.(payload);
    this.#any(event, payload);
  }
}

let sockets: FakeSocket[] = [];
vi.mock("socket.io-client", () => ({
  io: () => {
    const made = new FakeSocket();
    sockets.push(made);
    return made;
  },
}));

function theSocket(): FakeSocket {
  const [socket] = sockets;
  if (sockets.length !== 1 || socket === undefined) throw new Error("not one socket");
  return socket;
}

const healthy = (): Promise<Response> => Promise.resolve(Response.json({ status: "ok" }));
const unreachable = (): Promise<Response> => Promise.reject(new TypeError("Failed to fetch"));
const http = vi.fn(healthy);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", http);
  sockets = [];
  http.mockReset();
  http.mockImplementation(healthy);
});

afterEach(() => {
  sessionGate.closed("patient");
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const passes = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

async function held() {
  const live = new Live("patient");
  const said: string[] = [];
  live.subscribe(() => said.push(live.status()));
  const release = live.hold();
  await passes(0);
  // The module is fetched by a real import the first time.
  await vi.waitFor(() => expect(sockets).toHaveLength(1));
  return { live, said, release, socket: theSocket() };
}

function watching(live: Live): { heard: (SyncAnswer | null)[]; stop: () => void } {
  const heard: (SyncAnswer | null)[] = [];
  const part: Watch = {
    visits: () => [{ visit_id: "v", version: 3, last_seq: 8 }],
    onSync: (answer) => heard.push(answer),
  };
  return { heard, stop: live.watch(part) };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof ApiError ? error.code : "not refused";
}

describe("who holds it", () => {
  it("one socket for all who hold it, closed a moment after the last", async () => {
    const { live, said, release, socket } = await held();
    const also = live.hold();
    socket.up();
    release();
    release();
    await passes(5_000);
    expect(live.status()).toBe("connected");
    also();
    const next = live.hold();
    await passes(5_000);
    expect(live.status()).toBe("connected");
    next();
    await passes(2_000);
    expect(said).toEqual(["connecting", "connected", "idle"]);
    expect(sockets).toHaveLength(1);
  });

  it("does not come back to life after it was let go", async () => {
    const { release, socket } = await held();
    socket.up();
    socket.down("io server disconnect");
    release();
    await passes(0);
    const before = socket.connects;
    await passes(20_000);
    // The one reconnection that was on its way before the grace ended, and none after.
    expect(socket.connects - before).toBeLessThanOrEqual(1);
    socket.refuse("server.busy");
    await passes(20_000);
    expect(socket.connects - before).toBeLessThanOrEqual(1);
  });
});

describe("what is in the way", () => {
  it("a break is a break at first, and blocked once HTTP is known to come through", async () => {
    const { live, said, socket } = await held();
    socket.up();
    const { heard } = watching(live);
    await passes(0);
    socket.down();
    await passes(11_999);
    expect(live.status()).toBe("connecting");
    expect(http).not.toHaveBeenCalled();
    heard.length = 0;
    await passes(1);
    expect(live.status()).toBe("blocked");
    // Told at once, so that nobody waits for the next beat.
    expect(heard).toEqual([null]);
    socket.up();
    expect(said).toEqual(["connecting", "connected", "connecting", "blocked", "connected"]);
  });

  it("a lost network is never called blocked, until it is", async () => {
    http.mockImplementation(unreachable);
    const { live, socket } = await held();
    await passes(60_000);
    expect(live.status()).toBe("connecting");
    http.mockImplementation(healthy);
    await passes(20_000); // Just back, it is given its time anew, and tries at once.
    expect([live.status(), socket.connects]).toEqual(["connecting", 1]);
    await passes(10_000);
    expect(live.status()).toBe("blocked");
    http.mockImplementation(unreachable);
    await passes(10_000);
    expect(live.status()).toBe("connecting");
  });

  it("somebody else's page is no answer", async () => {
    http.mockImplementation(() => Promise.resolve(new Response("<h1>Welcome to the hotel</h1>")));
    const { live } = await held();
    await passes(30_000);
    expect(live.status()).toBe("connecting");
  });

  it("an answer that comes after the socket is no news", async () => {
    let answer: (response: Response) => void = () => undefined;
    http.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    const { live, socket } = await held();
    await passes(12_000);
    socket.up();
    answer(Response.json({ status: "ok" }));
    await passes(0);
    expect(live.status()).toBe("connected");
  });

  it("polls at the pace of the heartbeat, and no faster", async () => {
    const { live } = await held();
    await passes(12_000);
    const { heard } = watching(live);
    http.mockClear();
    await passes(60_000);
    expect(heard).toHaveLength(6);
    expect(heard.every((answer) => answer === null)).toBe(true);
    expect(http).toHaveBeenCalledTimes(6);
  });
});

describe("the heartbeat", () => {
  it("compares on connecting and every ten seconds, for all who watch", async () => {
    const { live, socket } = await held();
    const one = watching(live);
    const other = watching(live);
    socket.up();
    await passes(20_000);
    expect(one.heard).toHaveLength(3);
    const { visits } = socket.sent[0]?.[1] as { visits: unknown[] };
    expect(visits).toHaveLength(2);
    one.stop();
    await passes(10_000);
    expect(one.heard).toHaveLength(3);
    expect(other.heard).toHaveLength(4);
  });

  it("compares over HTTP when the answer does not come", async () => {
    const { live, socket } = await held();
    socket.answer = () => undefined;
    const { heard } = watching(live);
    socket.up();
    await passes(0);
    expect(heard).toEqual([null]);
  });

  it("does not call who stopped watching while the answer was on its way", async () => {
    const { live, socket } = await held();
    socket.up();
    await passes(0);
    const { heard, stop } = watching(live);
    stop();
    await passes(0);
    expect(heard).toEqual([]);
  });
});

describe("requests", () => {
  it("are refused at once without a connection, and never hang with one", async () => {
    const { live, socket } = await held();
    const join = () => live.emit("call.join", { visit_id: "v" });
    expect(await refusal(join())).toBe("socket.disconnected");
    socket.up();
    socket.answer = () => undefined;
    expect(await refusal(join())).toBe("socket.timeout");
    socket.answer = () => ({ ok: false, error: { code: "call.not_video", detail: "chat" } });
    expect(await refusal(join())).toBe("call.not_video");
    socket.answer = () => ({ ok: true, leg_id: "l" });
    expect(await join()).toMatchObject({ leg_id: "l" });
  });

  it("hands hints to those who listen, as long as they do", async () => {
    const { live, socket } = await held();
    const heard: unknown[] = [];
    const stop = live.on("queue.changed", (hint) => heard.push(hint.version));
    socket.up();
    socket.hint("queue.changed", { version: 1 });
    stop();
    socket.hint("queue.changed", { version: 2 });
    expect(heard).toEqual([1]);
  });
});

describe("the server's own words", () => {
  it("a drain is a pause of the length that it names", async () => {
    const { socket } = await held();
    socket.up();
    socket.hint("drain", { type: "drain", reconnect_in_ms: 1_500 });
    expect(socket.connected).toBe(false);
    await passes(1_499);
    expect(socket.connects).toBe(0);
    await passes(1);
    expect(socket.connects).toBe(1);
  });

  it.each(["refused", "told", "answered"])("an ended session opens the login: %s", async (how) => {
    const { live, socket } = await held();
    sessionGate.opened("patient");
    if (how === "refused") socket.refuse("session.required");
    else socket.up();
    if (how === "told") socket.hint("session.ended", { type: "session.ended", reason: "expired" });
    if (how === "answered") {
      socket.answer = () => ({ ok: false, error: { code: "session.required" } });
      await refusal(live.emit("queue.unwatch", {}));
    }
    expect(sessionGate.isExpired("patient")).toBe(true);
    await passes(30_000);
    // Nobody knocks again before the login.
    expect(socket.connects).toBe(0);
    sessionGate.settle("patient", "renewed");
    live.reconnect();
    expect(socket.connects).toBe(1);
  });

  it("a refusal that may pass is tried again", async () => {
    const { socket } = await held();
    socket.refuse("server.busy");
    await passes(2_000);
    expect(socket.connects).toBe(1);
  });
});
