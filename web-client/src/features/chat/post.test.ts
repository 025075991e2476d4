import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { dice } from "../../call/testing/dice";
import { ApiError } from "../../wire/problem";
import type { Message } from "../../wire/types";
import { Outbox } from "./outbox";
import { Post, type PostPorts } from "./post";

const VISIT = "visit-1";

/** A server that numbers messages and takes each client id once, behind a line that misbehaves. */
class Line {
  readonly messages: Message[] = [];
  connected = true;
  readonly #pushes = new Set<(message: Message) => void>();
  readonly #status = new Set<() => void>();
  closed = false;
  /** What every ack over the socket says instead of taking the message. */
  refusal: string | null = null;

  constructor(private readonly roll: ReturnType<typeof dice>) {}

  post(clientId: string | null, body: string, sender: Message["sender"] = "patient"): Message {
    const known = this.messages.find((one) => clientId !== null && one.client_id === clientId);
    if (known) return known;
    if (this.closed) throw new ApiError({ status: 409, code: "visit.closed" });
    const message: Message = {
      visit_id: VISIT,
      seq: this.messages.length + 1,
      client_id: clientId,
      sender,
      sender_name: sender,
      body,
      sent_at: "2026-01-01T10:00:00Z",
    };
    this.messages.push(message);
    for (let copies = this.roll.below(3); copies > 0; copies -= 1) {
      setTimeout(() => this.#push(message), this.roll.below(400));
    }
    return message;
  }

  #push(message: Message): void {
    if (this.connected) for (const listener of this.#pushes) listener(message);
  }

  /** Fails before the server, after it, or not at all. */
  async #through<T>(act: () => T): Promise<T> {
    await new Promise((resolve) => setTimeout(resolve, this.roll.below(300)));
    const fate = this.roll.below(4);
    if (fate === 0) throw new ApiError({ status: 0, code: "network.down" });
    const result = act();
    if (fate === 1) throw new ApiError({ status: 0, code: "network.down" });
    return result;
  }

  set(connected: boolean): void {
    this.connected = connected;
    for (const listener of this.#status) listener();
  }

  ports(): PostPorts {
    const live: unknown = {
      status: () => (this.connected ? "connected" : "blocked"),
      subscribe: (listener: () => void) => {
        this.#status.add(listener);
        return () => this.#status.delete(listener);
      },
      on: (_event: string, listener: (message: never) => void) => {
        const push = listener as (message: Message) => void;
        this.#pushes.add(push);
        return () => this.#pushes.delete(push);
      },
      emit: async (_event: string, payload: { client_id: string; body: string }) => {
        if (this.refusal !== null) throw new ApiError({ status: 0, code: this.refusal });
        return { message: await this.#through(() => this.post(payload.client_id, payload.body)) };
      },
    };
    return {
      live: live as PostPorts["live"],
      fetch: (after) =>
        this.#through(() => ({
          messages: this.messages.filter((one) => one.seq > after).slice(0, 7),
          last_seq: this.messages.length,
        })),
      send: (clientId, body) => this.#through(() => this.post(clientId, body)),
    };
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  sessionStorage.clear();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("every message exactly once", () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed + 1))(
    "over a bad line, seed %i",
    async (seed) => {
      const roll = dice(seed);
      const line = new Line(roll);
      let post = new Post(VISIT, line.ports(), new Outbox("patient", VISIT));
      let close = post.open();
      const written: string[] = [];
      for (let turn = 0; turn < 40; turn += 1) {
        switch (roll.below(6)) {
          case 0:
          case 1: {
            const text = `nr ${String(turn)}`;
            written.push(text);
            post.write(text);
            break;
          }
          case 2:
            line.post(null, `från den andra ${String(turn)}`, "clinician");
            break;
          case 3:
            line.set(!line.connected);
            break;
          case 4: {
            // A reload: memory goes, the browser's storage stays.
            close();
            post = new Post(VISIT, line.ports(), new Outbox("patient", VISIT));
            close = post.open();
            break;
          }
          default:
        }
        await vi.advanceTimersByTimeAsync(roll.pick([1, 50, 700]));
      }
      line.set(true);
      post.hear(line.messages.length);
      await vi.advanceTimersByTimeAsync(120_000);
      // What the heartbeat does.
      post.hear(line.messages.length);
      await vi.advanceTimersByTimeAsync(60_000);

      const mine = line.messages.filter((one) => one.sender === "patient").map((one) => one.body);
      expect([...mine].sort()).toEqual([...written].sort());
      const { thread } = post.snapshot();
      expect(thread.messages.map((one) => one.seq)).toEqual(line.messages.map((one) => one.seq));
      expect(thread.unsent).toEqual([]);
      expect(new Outbox("patient", VISIT).unsent(Date.now())).toEqual([]);
      close();
    },
  );
});

describe("what the server will not take", () => {
  it("is said to be refused, and the text is kept", async () => {
    const line = new Line({ below: () => 2, pick: (all) => all[0] as never });
    line.closed = true;
    const post = new Post(VISIT, line.ports(), new Outbox("patient", VISIT));
    const close = post.open();
    post.write("Tack!");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(post.snapshot().thread.unsent).toMatchObject([
      { body: "Tack!", state: "refused", code: "visit.closed" },
    ]);
    expect(new Outbox("patient", VISIT).unsent(Date.now())).toHaveLength(1);
    close();
  });

  it.each(["server.busy", "server.storage", "server.error", "request.throttled"])(
    "is not what it can't take just now (%s): the message goes the other way",
    async (code) => {
      const line = new Line({ below: () => 2, pick: (all) => all[0] as never });
      line.refusal = code;
      const post = new Post(VISIT, line.ports(), new Outbox("patient", VISIT));
      const close = post.open();
      post.write("Tack!");
      await vi.advanceTimersByTimeAsync(1_000);
      const { unsent, messages } = post.snapshot().thread;
      expect([unsent, messages.map((one) => one.body)]).toEqual([[], ["Tack!"]]);
      close();
    },
  );

  it("is what an ack says that has judged", async () => {
    const line = new Line({ below: () => 2, pick: (all) => all[0] as never });
    line.refusal = "visit.closed";
    const post = new Post(VISIT, line.ports(), new Outbox("patient", VISIT));
    const close = post.open();
    post.write("Tack!");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(post.snapshot().thread.unsent).toMatchObject([{ state: "refused" }]);
    expect(line.messages).toEqual([]);
    close();
  });
});
