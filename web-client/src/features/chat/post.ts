/**
 * Sends what is written, fetches what is missing, takes in what is pushed. Decides by `thread`.
 *
 * The socket goes first, HTTP second, and the same client-made id on both: the server takes a
 * message once however often it is asked.
 */
import type { ApiError } from "../../wire/problem";
import { toApiError } from "../../wire/problem";
import { newKey } from "../../wire/rest";
import type { Live } from "../../wire/socket";
import type { Message } from "../../wire/types";
import type { Outbox } from "./outbox";
import {
  discard,
  EMPTY_THREAD,
  hear,
  markRefused,
  markSending,
  markWaiting,
  missingAfter,
  nextToSend,
  receive,
  write,
  type Thread,
} from "./thread";

interface Page {
  readonly messages: readonly Message[];
  readonly last_seq: number;
}

export interface PostPorts {
  readonly live: Pick<Live, "emit" | "on" | "status" | "subscribe">;
  readonly fetch: (after: number) => Promise<Page>;
  readonly send: (clientId: string, body: string) => Promise<Message>;
}

export interface ChatView {
  readonly thread: Thread;
  /** The conversation so far has come once. */
  readonly loaded: boolean;
  /** The last fetch failed; it is tried again by itself. */
  readonly offline: boolean;
  /** From here down it has been on the person's screen. */
  readonly seen: number;
}

const AGAIN_MS = [1_000, 2_000, 4_000, 8_000];
/** Without a socket, this is how fresh the conversation is. */
const POLL_MS = 4_000;
const ACK_MS = 5_000;

function pause(tries: number): number {
  return AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)] ?? 8_000;
}

/** The server could not do it now, or failed at it; whatever was asked still stands. */
const LATER: ReadonlySet<string> = new Set([
  "server.busy",
  "server.storage",
  "server.error",
  "request.throttled",
]);

/** The server has judged and will judge the same again; anything else is worth another try. */
function isFinal({ status, code }: ApiError): boolean {
  if (code.startsWith("socket.") || code === "network.down") return false;
  if (code === "session.required" || LATER.has(code)) return false;
  // An ack carries no HTTP status, only a code: what the server names, it means.
  if (status === 0) return code !== "client.error";
  return status >= 400 && status < 500 && status !== 401 && status !== 408 && status !== 429;
}

export class Post {
  #view: ChatView;
  #sending = false;
  #fetching = false;
  #fetchAgain = false;
  #sendTries = 0;
  #fetchTries = 0;
  #open = false;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #release: (() => void)[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly visitId: string,
    private readonly ports: PostPorts,
    private readonly outbox: Outbox,
  ) {
    const thread = { ...EMPTY_THREAD, unsent: outbox.unsent(Date.now()) };
    this.#view = { thread, loaded: false, offline: false, seen: outbox.seen() };
  }

  snapshot = (): ChatView => this.#view;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  open(): () => void {
    const { live } = this.ports;
    this.#open = true;
    const poll = setInterval(() => {
      if (live.status() !== "connected") void this.catchUp(true);
    }, POLL_MS);
    this.#release = [
      live.on("message.posted", ({ type: _type, ...message }) => {
        if (message.visit_id === this.visitId) this.#take([message]);
      }),
      live.subscribe(() => this.#lineMoved()),
      () => clearInterval(poll),
    ];
    window.addEventListener("online", this.#lineMoved);
    void this.catchUp(true);
    void this.#send();
    return () => this.#close();
  }

  /** Writes a message; it is kept in the browser before anything is sent. */
  write(body: string): void {
    const one = { clientId: newKey(), body: body.trim(), writtenAt: new Date().toISOString() };
    this.outbox.keep(one);
    this.#to(write(this.#view.thread, one.clientId, one.body, one.writtenAt));
    void this.#send();
  }

  discard(clientId: string): void {
    this.#to(discard(this.#view.thread, clientId));
  }

  /** Everything on the screen has been seen. */
  see(): void {
    const seen = this.#view.thread.upTo;
    if (seen <= this.#view.seen) return;
    this.outbox.keepSeen(seen);
    this.#show({ seen });
  }

  hear(lastSeq: number): void {
    this.#to(hear(this.#view.thread, lastSeq));
    void this.catchUp();
  }

  /** Fetches until nothing is missing; with `anyway`, asks even if nothing is known to be. */
  async catchUp(anyway = false): Promise<void> {
    if (this.#fetching) {
      this.#fetchAgain ||= anyway;
      return;
    }
    if (!anyway && missingAfter(this.#view.thread) === null) return;
    this.#fetching = true;
    try {
      let before: number;
      do {
        this.#fetchAgain = false;
        before = this.#view.thread.upTo;
        const page = await this.ports.fetch(before);
        this.#to(receive(this.#view.thread, page.messages, page.last_seq));
        this.#show({ loaded: true, offline: false });
        this.#fetchTries = 0;
        // A page that brings nothing new ends it: a hole on the server must not become a loop.
      } while (this.#wantsMore(before));
    } catch {
      this.#show({ offline: true });
      this.#later(pause(this.#fetchTries++), () => void this.catchUp(true));
    } finally {
      this.#fetching = false;
    }
  }

  #wantsMore(before: number): boolean {
    const { thread } = this.#view;
    return this.#fetchAgain || (missingAfter(thread) !== null && thread.upTo > before);
  }

  async #send(): Promise<void> {
    if (this.#sending || !this.#open) return;
    this.#sending = true;
    try {
      for (let one = nextToSend(this.#view.thread); one; one = nextToSend(this.#view.thread)) {
        const { clientId, body } = one;
        this.#to(markSending(this.#view.thread, clientId));
        try {
          this.#take([await this.#deliver(clientId, body)]);
          this.#sendTries = 0;
        } catch (reason) {
          const error = toApiError(reason);
          if (isFinal(error)) {
            this.#to(markRefused(this.#view.thread, clientId, error.code));
            continue;
          }
          this.#to(markWaiting(this.#view.thread, clientId));
          this.#later(pause(this.#sendTries++), () => void this.#send());
          return;
        }
      }
    } finally {
      this.#sending = false;
    }
  }

  async #deliver(clientId: string, body: string): Promise<Message> {
    const { live } = this.ports;
    if (live.status() === "connected") {
      try {
        const payload = { visit_id: this.visitId, client_id: clientId, body };
        const ack = await live.emit("message.send", payload, { timeout: ACK_MS });
        return ack.message;
      } catch (error) {
        if (isFinal(toApiError(error))) throw error;
      }
    }
    return await this.ports.send(clientId, body);
  }

  #take(messages: readonly Message[]): void {
    this.#to(receive(this.#view.thread, messages));
    void this.catchUp();
  }

  #lineMoved = (): void => {
    if (this.ports.live.status() !== "connected" && !navigator.onLine) return;
    this.#sendTries = 0;
    void this.#send();
    void this.catchUp(true);
  };

  #later(ms: number, act: () => void): void {
    if (!this.#open) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #to(thread: Thread): void {
    if (thread === this.#view.thread) return;
    this.outbox.settle(thread, this.#view.thread);
    this.#show({ thread });
  }

  #show(part: Partial<ChatView>): void {
    this.#view = { ...this.#view, ...part };
    for (const listener of this.#listeners) listener();
  }

  #close(): void {
    this.#open = false;
    for (const release of this.#release) release();
    this.#release = [];
    window.removeEventListener("online", this.#lineMoved);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
