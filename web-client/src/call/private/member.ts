/** Somebody else's device in the call: what it was told, what it said, and its keys. */
import type { Bytes } from "./bytes";
import type { Channel, End } from "./channel";
import { FrameKey, type Kind, type Last, Opener, takeApart } from "./frames";
import type { Said } from "./round";
import { TIMES } from "./times";

/** More are never in use, unless somebody wants this device's memory. */
const KEYS_AT_MOST = 16;
const LAST_AT_MOST = 4_096;

export class Member {
  readonly openers: Opener[] = [];
  newestUsedAt: number | null = null;
  /** What it said last, perhaps of a round that this device has not got to yet. */
  said: Said | null = null;
  /** The key of this device's that it holds. */
  have: number | null = null;
  /** What it was told last; empty to tell it again. */
  told = "";
  /** To be asked with the next message, and how often it has been in a row. */
  asking = false;
  #asked = 0;
  #askAt: number;

  constructor(
    readonly end: End,
    readonly channel: Channel,
    now: number,
  ) {
    this.#askAt = now + TIMES.askAfter;
  }

  get newest(): Opener | null {
    return this.openers.at(-1) ?? null;
  }

  /** Called regularly: asks, less and less often, for as long as something is missing. */
  look(missing: boolean, now: number): void {
    if (!missing) {
      this.#asked = 0;
      this.#askAt = now + TIMES.askAfter;
    } else if (now >= this.#askAt) {
      this.#asked += 1;
      this.#askAt = now + Math.min(TIMES.askAfter * 2 ** this.#asked, TIMES.askAtMost);
      this.told = "";
      this.asking = true;
    }
  }

  /** At the next look, whatever was asked before. */
  hurry(): void {
    this.#asked = 0;
    this.#askAt = -Infinity;
  }
}

/** Whose frames are under which key. */
export class Readers {
  readonly #byId = new Map<number, { readonly member: Member; readonly opener: Opener }>();
  /** Of keys that were dropped: should one be told again, nothing is shown twice. */
  readonly #lastOf = new Map<number, Last>();

  async take(member: Member, secret: Bytes): Promise<void> {
    const key = await FrameKey.of(secret);
    // Known, or somebody else's, which nobody makes his own by saying it.
    if (this.#byId.has(key.id)) return;
    const opener = new Opener(key, this.#lastOf.get(key.id));
    member.openers.push(opener);
    member.newestUsedAt = null;
    this.#byId.set(key.id, { member, opener });
    this.#keep(member, KEYS_AT_MOST);
  }

  /** Null for a frame that nobody's key opens; `clear` for one that was never hidden. */
  async open(kind: Kind, frame: Bytes, now: number): Promise<Bytes | "clear" | null> {
    const sealed = takeApart(frame);
    if (sealed === null) return "clear";
    const known = this.#byId.get(sealed.id);
    if (known === undefined) return null;
    const { member, opener } = known;
    const shown = await opener.open(kind, sealed);
    if (shown !== null && opener === member.newest) member.newestUsedAt ??= now;
    return shown;
  }

  /** Drops what can't be on its way any more: who has left has these keys too. */
  expire(member: Member, now: number): void {
    const { newestUsedAt } = member;
    if (newestUsedAt !== null && now - newestUsedAt > TIMES.late) this.#keep(member, 1);
  }

  forget(member: Member): void {
    this.#keep(member, 0);
  }

  #keep(member: Member, newest: number): void {
    const dropped = member.openers.splice(0, Math.max(0, member.openers.length - newest));
    for (const { key, last } of dropped) {
      this.#byId.delete(key.id);
      this.#lastOf.set(key.id, last);
    }
    for (const id of [...this.#lastOf.keys()].slice(0, -LAST_AT_MOST)) this.#lastOf.delete(id);
  }
}
