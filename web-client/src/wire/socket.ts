import type { Socket } from "socket.io-client";
import { chunk } from "./chunk";
import { painted } from "./painted";
import { ApiError } from "./problem";
import { sessionGate } from "./sessionGate";
import type {
  ClientEvents,
  LiveAudience,
  ServerEvents,
  SyncAnswer,
  WatchedQueue,
  WatchedTicket,
  WatchedVisit,
} from "./types";

/** `blocked`: HTTP comes through, the socket does not. A lost network is `connecting`. */
export type LiveStatus = "idle" | "connecting" | "connected" | "blocked";
type ServerEvent = keyof ServerEvents;
type ClientEvent = keyof ClientEvents;

/** One screen's part in the heartbeat: the versions it has, and what to do with the server's. */
export interface Watch {
  visits?: () => WatchedVisit[];
  tickets?: () => WatchedTicket[];
  queue?: () => WatchedQueue | null;
  /** `null`: there is no socket just now, so compare over HTTP. */
  onSync: (answer: SyncAnswer | null) => void;
}

const HEARTBEAT_MS = 10_000;
const ACK_MS = 8_000;
/** After so long without a connection it is asked whether HTTP comes through. */
const BLOCKED_AFTER_MS = 12_000;
const PROBE_MS = 5_000;

interface RefusedAck {
  ok: false;
  error: { code?: string; detail?: string } & Record<string, unknown>;
}

/**
 * The live connection of one audience. It is open while somebody holds it, and it never throws
 * away a call because the network blinked: it says how it is, and comes back by itself.
 */
export class Live {
  readonly #audience: LiveAudience;
  #socket: Socket | null = null;
  #status: LiveStatus = "idle";
  #holders = 0;
  #closing: ReturnType<typeof setTimeout> | undefined;
  #expecting: ReturnType<typeof setTimeout> | undefined;
  /** It has taken too long: each beat asks again what is in the way. */
  #overdue = false;
  /** When it was last asked, HTTP did not come through either. */
  #unreachable = false;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #starting = false;
  readonly #statusListeners = new Set<() => void>();
  readonly #watches = new Set<Watch>();
  readonly #listeners = new Map<ServerEvent, Set<(payload: never) => void>>();

  constructor(audience: LiveAudience) {
    this.#audience = audience;
  }

  status = (): LiveStatus => this.#status;

  subscribe = (listener: () => void): (() => void) => {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  };

  /** Keeps the connection open until the returned function is called. */
  hold(): () => void {
    this.#holders += 1;
    clearTimeout(this.#closing);
    if (this.#holders === 1) void this.#start();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#holders -= 1;
      // A moment's grace: going from one page to the next must not cost a new connection.
      if (this.#holders === 0) this.#closing = setTimeout(() => this.#stop(), 2_000);
    };
  }

  on<E extends ServerEvent>(event: E, listener: (payload: ServerEvents[E]) => void): () => void {
    const all = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, all);
    all.add(listener);
    return () => all.delete(listener);
  }

  watch(watch: Watch): () => void {
    this.#watches.add(watch);
    if (this.#status === "connected") void this.sync();
    return () => this.#watches.delete(watch);
  }

  /** Sends, and waits for the acknowledgement. Rejects with an ApiError and never hangs. */
  async emit<E extends ClientEvent>(
    event: E,
    payload: ClientEvents[E]["payload"],
    { timeout = ACK_MS }: { timeout?: number } = {},
  ): Promise<ClientEvents[E]["ack"]> {
    const socket = this.#socket;
    if (!socket?.connected) throw new ApiError({ status: 0, code: "socket.disconnected" });
    let ack: unknown;
    try {
      ack = await socket.timeout(timeout).emitWithAck(event, payload);
    } catch {
      throw new ApiError({ status: 0, code: "socket.timeout" });
    }
    const answer = ack as { ok: true } | RefusedAck;
    if (answer.ok) return answer as unknown as ClientEvents[E]["ack"];
    const { code, detail, ...extra } = answer.error;
    if (code === "session.required") sessionGate.expire(this.#audience);
    throw new ApiError({ status: 0, code: code ?? "socket.error", detail: detail ?? "", extra });
  }

  /** Compares versions with the server now; it also happens every ten seconds. */
  sync = async (): Promise<void> => {
    const watches = [...this.#watches];
    if (watches.length === 0) return;
    let answer: SyncAnswer | null = null;
    if (this.#status === "connected") {
      try {
        answer = await this.emit("sync", {
          visits: watches.flatMap((watch) => watch.visits?.() ?? []),
          tickets: watches.flatMap((watch) => watch.tickets?.() ?? []),
          queue: watches.map((watch) => watch.queue?.() ?? null).find((queue) => queue) ?? null,
        });
      } catch {
        // No answer in time: compare over HTTP this once.
      }
    }
    for (const watch of watches) if (this.#watches.has(watch)) watch.onSync(answer);
  };

  /** After a new login: the handshake reads the new cookie. */
  reconnect(): void {
    if (this.#holders === 0) return;
    this.#socket?.disconnect();
    this.#socket?.connect();
  }

  async #start(): Promise<void> {
    if (this.#socket) return;
    this.#to("connecting");
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(this.#beat, HEARTBEAT_MS);
    window.addEventListener("online", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    this.#expectConnection();
    await this.#load();
  }

  async #load(): Promise<void> {
    if (this.#starting) return;
    this.#starting = true;
    try {
      await painted();
      const { io } = await chunk(() => import("socket.io-client"));
      if (this.#holders > 0) this.#open(io(`/${this.#audience}`, OPTIONS));
    } catch {
      // HTTP is the floor; the next beat tries to fetch the rest once more.
    } finally {
      this.#starting = false;
    }
  }

  #open(socket: Socket): void {
    this.#socket = socket;
    this.#expectConnection();
    socket.on("connect", () => {
      this.#arrived();
      this.#to("connected");
      void this.sync();
    });
    socket.on("disconnect", (reason) => {
      if (this.#socket !== socket) return;
      this.#to("connecting");
      this.#expectConnection();
      // socket.io comes back by itself, unless the server closed on purpose (a drain, say).
      if (reason === "io server disconnect") this.#again(socket, 500);
    });
    socket.on("connect_error", (error) => {
      const data = (error as Error & { data?: { code?: string } }).data;
      if (data?.code === "session.required") {
        sessionGate.expire(this.#audience);
      } else if (!socket.active) {
        this.#again(socket, 2_000);
      }
    });
    socket.on("drain", ({ reconnect_in_ms: pause }: ServerEvents["drain"]) => {
      socket.disconnect();
      this.#again(socket, pause);
    });
    socket.on("session.ended", () => sessionGate.expire(this.#audience));
    socket.onAny((event: ServerEvent, payload: unknown) => {
      for (const listener of this.#listeners.get(event) ?? []) listener(payload as never);
    });
  }

  #again(socket: Socket, ms: number): void {
    setTimeout(() => {
      if (this.#socket === socket) socket.connect();
    }, ms);
  }

  #expectConnection(): void {
    this.#arrived();
    this.#expecting = setTimeout(() => {
      this.#overdue = true;
      void this.#judge();
    }, BLOCKED_AFTER_MS);
  }

  #arrived(): void {
    clearTimeout(this.#expecting);
    this.#overdue = false;
    this.#unreachable = false;
  }

  /** What is in the way: a proxy that lets no socket through, or no network at all. */
  async #judge(): Promise<void> {
    const reachable = await httpAnswers();
    if (!this.#overdue || this.#holders === 0) return;
    if (reachable && this.#unreachable) {
      // The network is only just back: the socket has its time from now, without what is left of
      // its back-off (Firefox adds one of its own).
      this.#expectConnection();
      this.#socket?.disconnect().connect();
    } else {
      this.#unreachable = !reachable;
      this.#to(reachable ? "blocked" : "connecting");
    }
    await this.sync();
  }

  #beat = (): void => {
    if (this.#socket === null) void this.#load();
    void (this.#overdue ? this.#judge() : this.sync());
  };

  #wake = (): void => {
    if (document.visibilityState !== "visible") return;
    const socket = this.#socket;
    if (socket && !socket.connected && !sessionGate.isExpired(this.#audience)) {
      // Skip what is left of the back-off: the person is looking now.
      socket.disconnect().connect();
    }
    void this.sync();
  };

  #stop(): void {
    this.#arrived();
    clearInterval(this.#heartbeat);
    window.removeEventListener("online", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    const socket = this.#socket;
    this.#socket = null;
    socket?.disconnect();
    this.#to("idle");
  }

  #to(status: LiveStatus): void {
    if (status === this.#status) return;
    this.#status = status;
    for (const listener of this.#statusListeners) listener();
  }
}

async function httpAnswers(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PROBE_MS);
    const answer = await fetch("/health/live", { cache: "no-store", signal });
    // A hotel's login page answers too, but not so.
    return answer.ok && ((await answer.json()) as { status?: unknown }).status === "ok";
  } catch {
    return false;
  }
}

const OPTIONS = {
  path: "/socket.io/",
  transports: ["websocket"],
  reconnectionDelay: 500,
  reconnectionDelayMax: 5_000,
  timeout: 8_000,
};

const lives: Partial<Record<LiveAudience, Live>> = {};

export function getSocket(audience: LiveAudience): Live {
  return (lives[audience] ??= new Live(audience));
}
