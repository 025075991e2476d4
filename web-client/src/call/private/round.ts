/**
 * The code that people read aloud to each other: the same six digits on every device, if and only
 * if all hold the same keys of each other.
 *
 * Six digits of a plain hash of the keys would not do: who sits in the middle could try keys until
 * both codes agree. So each device first says a commitment to a number of its own, and the number
 * only when it holds everybody's commitment (as in ZRTP, RFC 6189 section 4.4): whoever lies has
 * chosen before knowing what the code will be, and is right once in a million times.
 */
import { type Bytes, fromText, hash, parted, random, toText } from "./bytes";

const DIGITS = 6;

/** Who is in the call, by participant: the public key of each. */
export type People = ReadonlyMap<string, string>;

/** What a device says of a round: what it is about, the commitment, and in time the number. */
export interface Said {
  readonly round: string;
  readonly commitment: string;
  readonly number: string | null;
}

async function commitment(round: string, who: string, key: string, number: Bytes): Promise<string> {
  return toText(await hash(parted("vardrum commitment 1", round, who, key, number)));
}

export class Round {
  readonly #commitments = new Map<string, string>();
  readonly #numbers = new Map<string, Bytes>();
  #code: string | null = null;

  private constructor(
    readonly id: string,
    private readonly me: string,
    private readonly people: People,
    private readonly number: Bytes,
    private readonly committed: string,
  ) {
    this.#commitments.set(me, committed);
    this.#numbers.set(me, number);
  }

  static async idOf(visit: string, people: People): Promise<string> {
    const list = [...people].sort(([a], [b]) => (a < b ? -1 : 1)).flat();
    return toText(await hash(parted("vardrum round 1", visit, ...list)));
  }

  static async begin(id: string, me: string, people: People): Promise<Round> {
    const number = random(32);
    const own = await commitment(id, me, people.get(me) ?? "", number);
    return new Round(id, me, people, number, own);
  }

  get code(): string | null {
    return this.#code;
  }

  /** What to tell the others now. */
  said(): Said {
    const all = this.#commitments.size === this.people.size;
    const number = all ? toText(this.number) : null;
    return { round: this.id, commitment: this.committed, number };
  }

  /** Whether somebody has still to say something. */
  lacks(who: string): boolean {
    return !this.#numbers.has(who);
  }

  async hear(who: string, said: Said): Promise<void> {
    const key = this.people.get(who);
    if (said.round !== this.id || key === undefined || who === this.me) return;
    // The first counts: to take it back later is what a commitment is there to prevent.
    const held = this.#commitments.get(who) ?? said.commitment;
    this.#commitments.set(who, held);
    if (said.number === null || this.#numbers.has(who)) return;
    const number = fromText(said.number);
    if ((await commitment(this.id, who, key, number)) !== held) return;
    this.#numbers.set(who, number);
    if (this.#numbers.size === this.people.size) this.#code = await this.#digits();
  }

  async #digits(): Promise<string> {
    const said = [...this.#numbers].sort(([a], [b]) => (a < b ? -1 : 1)).flat();
    const bytes = await hash(parted("vardrum code 1", this.id, ...said));
    const digits = new DataView(bytes.buffer).getBigUint64(0) % 10n ** BigInt(DIGITS);
    return digits.toString().padStart(DIGITS, "0");
  }
}
