/**
 * Keeps a note safe while it is written: saves a moment after the last key, at once on leaving the
 * field, one save at a time, and copies every key into this tab's storage until the server has it.
 */
import {
  type Draft,
  type DraftEvent,
  dueSave,
  isUnsaved,
  openDraft,
  reduceDraft,
  type Stored,
} from "./draft";

export type SaveResult =
  | { kind: "saved"; stored: Stored }
  | { kind: "stale"; theirs: Stored }
  | { kind: "failed" };

export interface CopyStore {
  read(): Stored | null;
  write(copy: Stored): void;
  clear(): void;
}

export interface KeeperPorts {
  save(draft: Stored): Promise<SaveResult>;
  copies: CopyStore;
}

/** A pause in the writing that is long enough to save in. */
export const SAVE_AFTER_MS = 800;
const RETRY_AFTER_MS = 5_000;

export class NoteKeeper {
  #draft: Draft;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  readonly #ports: KeeperPorts;
  readonly #listeners = new Set<() => void>();

  constructor(stored: Stored, ports: KeeperPorts) {
    this.#ports = ports;
    this.#draft = openDraft(stored, ports.copies.read());
    this.#schedule(SAVE_AFTER_MS);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly draft = (): Draft => this.#draft;

  typed(text: string): void {
    this.#apply({ type: "typed", text });
    this.#schedule(SAVE_AFTER_MS);
  }

  choose(keep: "mine" | "theirs" | "both"): void {
    this.#apply({ type: "chose", keep });
    this.#schedule(0);
  }

  fetched(stored: Stored): void {
    this.#apply({ type: "fetched", stored });
  }

  /** A conflict that another request met (signing): both texts are kept, as after a save. */
  stale(theirs: Stored): void {
    this.#apply({ type: "stale", theirs });
  }

  /** Saves what is unsaved now; true when the server has every word. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    if (this.#running !== undefined) await this.#running;
    if (dueSave(this.#draft) !== null) await this.#save();
    return this.#draft.theirs === null && !isUnsaved(this.#draft);
  }

  /** Stops the timers; a save that is due is sent on its way. */
  close(): void {
    clearTimeout(this.#timer);
    void this.flush();
    this.#listeners.clear();
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    if (dueSave(this.#draft) === null) return;
    this.#timer = setTimeout(() => void this.flush(), delay);
  }

  #save(): Promise<void> {
    const due = dueSave(this.#draft);
    if (due === null) return Promise.resolve();
    this.#apply({ type: "sent" });
    this.#running = this.#ports.save(due).then((result) => {
      this.#running = undefined;
      this.#apply(eventOf(result));
      this.#schedule(result.kind === "failed" ? RETRY_AFTER_MS : SAVE_AFTER_MS);
    });
    return this.#running;
  }

  #apply(event: DraftEvent): void {
    const next = reduceDraft(this.#draft, event);
    if (next === this.#draft) return;
    this.#draft = next;
    if (next.theirs !== null || isUnsaved(next)) {
      this.#ports.copies.write({ text: next.text, version: next.stored.version });
    } else {
      this.#ports.copies.clear();
    }
    for (const listener of this.#listeners) listener();
  }
}

function eventOf(result: SaveResult): DraftEvent {
  switch (result.kind) {
    case "saved":
      return { type: "saved", stored: result.stored };
    case "stale":
      return { type: "stale", theirs: result.theirs };
    case "failed":
      return { type: "failed" };
  }
}
