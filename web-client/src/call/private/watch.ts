/** Looks again and again whether everything that leaves has passed the worker. */
import { type AllLeft, type AllPassed, Guard } from "./guard";

export interface WatchPorts {
  /** What the senders say has left; null when there is no connection. */
  readonly left: () => Promise<AllLeft | null>;
  /** What the worker has had; null when it does not answer. */
  readonly passed: () => Promise<AllPassed | null>;
  readonly bypassed: () => void;
}

const EVERY_MS = 600;

export class Watch {
  readonly #guard = new Guard();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(private readonly ports: WatchPorts) {
    this.#next();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #next(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#look(), EVERY_MS);
  }

  async #look(): Promise<void> {
    // What can't be read this time is read the next: who stops looking has let everything pass.
    const found = await this.#looked().catch(() => false);
    if (this.#stopped) return;
    if (found) {
      this.stop();
      this.ports.bypassed();
    }
    this.#next();
  }

  async #looked(): Promise<boolean> {
    // In this order, and one look after the other: the guard relies on both.
    const left = await this.ports.left();
    const passed = await this.ports.passed();
    return left !== null && (await this.#found(left, passed));
  }

  async #found(left: AllLeft, passed: AllPassed | null): Promise<boolean> {
    if (passed !== null) return this.#guard.look(left, passed);
    const later = await this.ports.left();
    return later !== null && this.#guard.silent(left, later);
  }
}
