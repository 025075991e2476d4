/** The server of a recorded trace, and the socket and the HTTP that lead to it. */
import type { dice } from "../../call/testing/dice";
import type { Audience, Message, ServerEvents, SyncAnswer } from "../../wire/types";

export interface Moment {
  /** What each path answered. */
  readonly answers: Readonly<Record<string, unknown>>;
  readonly sync: SyncAnswer;
}

export interface Told {
  /** It came when so many moments had been recorded: it knows nothing of later ones. */
  readonly at: number;
  readonly event: keyof ServerEvents;
  readonly payload: Record<string, unknown>;
}

export interface Trace {
  readonly name: string;
  readonly audience: Audience;
  readonly moments: readonly Moment[];
  readonly hints: readonly Told[];
}

type Roll = ReturnType<typeof dice>;
type Handler = (...args: never[]) => void;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Stands at one moment of the trace and answers as the real one did then. */
export class Server {
  at = 0;

  constructor(
    private readonly trace: Trace,
    private readonly roll: Roll,
  ) {}

  get moment(): Moment {
    const moment = this.trace.moments[this.at];
    if (!moment) throw new Error(`the trace has no moment ${this.at}`);
    return moment;
  }

  /** Looks at one instant between asking and answering, so that an answer may come late. */
  fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { pathname, searchParams } = new URL(
      url instanceof Request ? url.url : url,
      "http://patient.localhost",
    );
    await wait(this.roll.below(60));
    const answer = this.#look(pathname, Number(searchParams.get("after") ?? 0));
    await wait(this.roll.below(250));
    if (init?.signal?.aborted) throw new DOMException("aborted", "AbortError");
    const headers = { "Content-Type": "application/json" };
    if (answer !== undefined) return new Response(JSON.stringify(answer), { headers });
    const problem = { status: 404, code: "not_found", title: "Not found", detail: "" };
    return new Response(JSON.stringify(problem), { status: 404, headers });
  };

  ack = async (event: string, payload: Record<string, unknown>): Promise<unknown> => {
    await wait(this.roll.below(40));
    const { sync } = this.moment;
    if (event === "queue.watch") return { ok: true, version: sync.queue?.version ?? 0 };
    if (event !== "sync") return { ok: true };
    const asked = JSON.stringify(payload);
    return {
      ok: true,
      visits: sync.visits.filter((one) => asked.includes(one.visit_id)),
      tickets: sync.tickets.filter((one) => asked.includes(one.ticket_id)),
      queue: payload.queue === null ? null : sync.queue,
      guest: null,
    };
  };

  #look(path: string, after: number): unknown {
    if (path.endsWith("/session")) return {};
    const answer = this.moment.answers[path];
    if (!path.endsWith("/messages") || answer === undefined) return answer;
    const { messages, last_seq } = answer as { messages: Message[]; last_seq: number };
    return { messages: messages.filter(({ seq }) => seq > after), last_seq };
  }
}

/** What `io()` gives, as far as the client uses it. */
export class SocketStandIn {
  connected = false;
  active = true;
  readonly #handlers = new Map<string, Handler[]>();
  readonly #any: Handler[] = [];

  constructor(private readonly server: Server) {
    this.connect();
  }

  on(event: string, handler: Handler): this {
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), handler]);
    return this;
  }

  onAny(handler: Handler): this {
    this.#any.push(handler);
    return this;
  }

  timeout(): this {
    return this;
  }

  emitWithAck(event: string, payload: Record<string, unknown>): Promise<unknown> {
    return this.server.ack(event, payload);
  }

  connect(): this {
    setTimeout(() => {
      this.connected = true;
      for (const handler of this.#handlers.get("connect") ?? []) handler();
    }, 5);
    return this;
  }

  disconnect(): this {
    this.connected = false;
    return this;
  }

  push({ event, payload }: Told): void {
    if (!this.connected) throw new Error("the socket is not open");
    for (const handler of this.#any) handler(event as never, payload as never);
  }
}
