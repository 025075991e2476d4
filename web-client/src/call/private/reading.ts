/** Whose frames come and can't be read, and for how long: by receiver, on any clock. Pure. */

/** With no frame for so long, what was before says nothing of what comes next. */
const PAUSE_MS = 1_500;

interface Unread {
  readonly since: number;
  readonly last: number;
}

export class Reading {
  readonly #unread = new Map<string, Unread>();

  note(receiver: string, shown: boolean, now: number): void {
    const before = this.#unread.get(receiver);
    if (shown) {
      if (before !== undefined) this.#unread.delete(receiver);
    } else {
      const goesOn = before !== undefined && now - before.last < PAUSE_MS;
      this.#unread.set(receiver, { since: goesOn ? before.since : now, last: now });
    }
  }

  /** The receivers of which nothing could be read for at least so many milliseconds until now. */
  unread(forAtLeast: number, now: number): string[] {
    return [...this.#unread]
      .filter(([, { since, last }]) => now - last < PAUSE_MS && last - since >= forAtLeast)
      .map(([receiver]) => receiver);
  }
}
