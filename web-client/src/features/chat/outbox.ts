/**
 * What has been written and not yet taken by the server, kept in the browser.
 *
 * One key for each message, so that two tabs of one person never overwrite each other's.
 * Messages wait in localStorage (a closed tab loses nothing) and drafts in sessionStorage
 * (two tabs are two drafts). Both are removed as soon as the server has the text.
 */
import type { Audience } from "../../wire/types";
import type { Thread, Unsent } from "./thread";

const ROOT = "vardrum.chat";
/** What nobody came back for within a day is forgotten: a shared computer is no archive. */
const KEPT_MS = 24 * 60 * 60 * 1000;

interface Kept {
  readonly body: string;
  readonly written_at: string;
}

function place(audience: Audience, visitId: string): string {
  return `${ROOT}.${audience}.${visitId}`;
}

function keysOf(storage: Storage, prefix: string): string[] {
  const keys: string[] = [];
  for (let index = 0; index < storage.length; index += 1) {
    const key = storage.key(index);
    if (key?.startsWith(prefix) === true) keys.push(key);
  }
  return keys;
}

function parse(text: string | null): Kept | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const { body, written_at } = value as Record<string, unknown>;
    return typeof body === "string" && typeof written_at === "string" ? { body, written_at } : null;
  } catch {
    return null;
  }
}

/** A browser may refuse storage (private mode, full disk): then the page's memory must do. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // Nothing to do: the message is still on the page and on its way.
  }
}

/** Rises at each logout: a page that is still closing must not write again what was wiped. */
const wiped: Record<Audience, number> = { patient: 0, staff: 0 };

export class Outbox {
  readonly #root: string;
  readonly #since: number;

  constructor(
    private readonly audience: Audience,
    visitId: string,
    private readonly lasting: Storage = window.localStorage,
    private readonly passing: Storage = window.sessionStorage,
  ) {
    this.#root = place(audience, visitId);
    this.#since = wiped[audience];
  }

  /** Nothing more is written once its person has logged out. */
  #write(act: () => void): void {
    if (wiped[this.audience] === this.#since) quietly(act);
  }

  keep(one: Pick<Unsent, "clientId" | "body" | "writtenAt">): void {
    const kept: Kept = { body: one.body, written_at: one.writtenAt };
    this.#write(() => {
      this.lasting.setItem(`${this.#root}/${one.clientId}`, JSON.stringify(kept));
    });
  }

  forget(clientId: string): void {
    quietly(() => {
      this.lasting.removeItem(`${this.#root}/${clientId}`);
    });
  }

  /** Forgets everything that the thread no longer waits for. */
  settle(thread: Thread, before: Thread): void {
    const waiting = new Set(thread.unsent.map((one) => one.clientId));
    for (const one of before.unsent) if (!waiting.has(one.clientId)) this.forget(one.clientId);
  }

  /** Oldest first. */
  unsent(now: number): Unsent[] {
    const found: Unsent[] = [];
    quietly(() => {
      for (const key of keysOf(this.lasting, `${this.#root}/`)) {
        const kept = parse(this.lasting.getItem(key));
        if (kept === null || now - Date.parse(kept.written_at) > KEPT_MS) {
          this.lasting.removeItem(key);
          continue;
        }
        const clientId = key.slice(this.#root.length + 1);
        found.push({
          clientId,
          body: kept.body,
          writtenAt: kept.written_at,
          state: "waiting",
          code: null,
        });
      }
    });
    return found.sort((a, b) => (a.writtenAt < b.writtenAt ? -1 : 1));
  }

  /** How far the person has read, so that a reload does not forget what is new. */
  seen(): number {
    try {
      return Number(this.passing.getItem(`${this.#root}/seen`) ?? 0) || 0;
    } catch {
      return 0;
    }
  }

  keepSeen(seq: number): void {
    this.#write(() => {
      this.passing.setItem(`${this.#root}/seen`, String(seq));
    });
  }

  draft(): string {
    try {
      return this.passing.getItem(`${this.#root}/draft`) ?? "";
    } catch {
      return "";
    }
  }

  keepDraft(text: string): void {
    this.#write(() => {
      if (text === "") this.passing.removeItem(`${this.#root}/draft`);
      else this.passing.setItem(`${this.#root}/draft`, text);
    });
  }
}

/** On logout: what one person wrote must not meet the next one at the same screen. */
export function forgetWritten(audience: Audience): void {
  wiped[audience] += 1;
  for (const storage of [window.localStorage, window.sessionStorage]) {
    quietly(() => {
      for (const key of keysOf(storage, `${ROOT}.${audience}.`)) storage.removeItem(key);
    });
  }
}
