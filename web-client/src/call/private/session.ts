/**
 * The agreement of one leg with the devices of all others in the call: who gets which key, when a
 * new one is used, and whether anything is hidden at all.
 *
 * Everything that comes in is worked through one after the other. What is told may be lost, late
 * or doubled: every message says all, and who lacks something asks again.
 */
import { type Bytes, random } from "./bytes";
import { Channel, type End, type Identity } from "./channel";
import { FrameKey, type Kind, SECRET_BYTES } from "./frames";
import { Member, Readers } from "./member";
import { OwnKeys } from "./own";
import { Round } from "./round";
import { TIMES } from "./times";
import { read, written } from "./told";

/** Somebody else in the call; without a public key the device can't hide anything. */
export interface Other {
  readonly participant: string;
  readonly publicKey: string | null;
}

/** What people are told of it. */
export interface Privacy {
  /** `off`: the server can read everything on its way, because of those who `cannot` hide it; with
   * none of these, because it only just became possible. */
  readonly state: "alone" | "off" | "on";
  readonly cannot: readonly string[];
  /** Six digits, once all have told each other; null until then, and while it is off. */
  readonly code: string | null;
}

export interface Message {
  readonly to: string;
  readonly data: string;
}

export interface SessionPorts {
  readonly send: (messages: readonly Message[]) => void;
  readonly changed: (privacy: Privacy) => void;
  /** Milliseconds on a clock that only goes forward. */
  readonly now: () => number;
}

export const ALONE: Privacy = { state: "alone", cannot: [], code: null };
const NOTHING_SAID = { round: "", commitment: "", number: null };

export class Session {
  #work: Promise<void> = Promise.resolve();
  #me = "";
  #visit = "";
  /** For the whole leg, also of who has left: see `Channel`. Null for a key that is none. */
  readonly #channels = new Map<string, Channel | null>();
  readonly #own = new OwnKeys();
  readonly #readers = new Readers();
  #members = new Map<string, Member>();
  #cannot: readonly string[] = [];
  readonly #rounds = new Map<string, Round>();
  #round: Round | null = null;
  #roundAt = -Infinity;
  #shown = ALONE;

  constructor(
    private readonly identity: Identity,
    private readonly ports: SessionPorts,
  ) {}

  /** Settled when all that has come in so far has been worked through. */
  get idle(): Promise<void> {
    return this.#work;
  }

  /** Who else is in the call now. */
  seated(visit: string, me: string, others: readonly Other[]): void {
    this.#do(() => this.#seat(visit, me, others));
  }

  /** A message of `from`, carried by the server. */
  hear(from: string, data: string): void {
    this.#do(() => this.#hear(from, data));
  }

  /** To be called twice a second or so; `unread` is whose frames come and can't be read. */
  tick(unread: readonly string[] = []): void {
    this.#do(() => this.#tick(unread));
  }

  /** Messages may have been lost: who lacks anything asks at once. */
  again(): void {
    this.#do(() => {
      for (const member of this.#members.values()) member.hurry();
      return this.#tick([]);
    });
  }

  /** A frame of one's own as it may leave; null for none. */
  seal(kind: Kind, frame: Bytes): Promise<Bytes | null> {
    return this.#own.seal(kind, frame);
  }

  /** Another's frame as it may be shown; null for none. */
  async open(kind: Kind, frame: Bytes): Promise<Bytes | null> {
    const shown = await this.#readers.open(kind, frame, this.ports.now());
    if (shown === "clear") return this.#own.takesClear() ? frame : null;
    return shown;
  }

  #do(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch(() => undefined);
  }

  async #seat(visit: string, me: string, others: readonly Other[]): Promise<void> {
    [this.#visit, this.#me] = [visit, me];
    const now = this.ports.now();
    const before = this.#members;
    const members = new Map<string, Member>();
    const cannot: string[] = [];
    for (const { participant, publicKey } of others) {
      const end = { participant, publicKey: publicKey ?? "" };
      // Under one's own name somebody would stand for oneself in the code, and say nothing for it.
      const able = publicKey !== null && participant !== me;
      const channel = able ? await this.#channel(end) : null;
      const known = before.get(participant);
      if (channel === null) cannot.push(participant);
      else if (known?.end.publicKey === publicKey) members.set(participant, known);
      else members.set(participant, new Member(end, channel, now));
    }
    for (const [who, member] of before) {
      if (members.get(who) !== member) this.#readers.forget(member);
    }
    const moved = [...members].some(([who, member]) => before.get(who) !== member);
    const changed = moved || before.size !== members.size;
    [this.#members, this.#cannot] = [members, cannot];
    const turned = this.#own.hide(cannot.length === 0, now);
    if (changed || turned) {
      this.#round = null;
      // Who came must not read what was said before, who left not what is said after.
      if (this.#own.hiding) this.#own.rotate(await FrameKey.of(random(SECRET_BYTES)), now);
      await this.#begin();
    }
    await this.#settle();
  }

  async #channel(end: End): Promise<Channel | null> {
    const name = `${end.participant} ${end.publicKey}`;
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      const made = Channel.between(this.#visit, this.identity, this.#me, end);
      channel = await made.catch(() => null);
      this.#channels.set(name, channel);
    }
    return channel;
  }

  /** The round of those who are there: one for the same people, and a new one not too soon. */
  async #begin(): Promise<void> {
    if (this.#round !== null || !this.#own.hiding || this.#members.size === 0) return;
    const people = new Map([[this.#me, this.identity.publicKey]]);
    for (const [who, { end }] of this.#members) people.set(who, end.publicKey);
    const id = await Round.idOf(this.#visit, people);
    let round = this.#rounds.get(id);
    if (round === undefined) {
      const now = this.ports.now();
      if (now - this.#roundAt < TIMES.betweenRounds) return;
      this.#roundAt = now;
      round = await Round.begin(id, this.#me, people);
      this.#rounds.set(id, round);
    }
    this.#round = round;
    for (const [who, { said }] of this.#members) {
      if (said !== null) await round.hear(who, said).catch(() => undefined);
    }
  }

  async #hear(from: string, data: string): Promise<void> {
    const member = this.#members.get(from);
    const text = await member?.channel.open(data);
    const told = typeof text === "string" ? read(text) : null;
    if (member === undefined || told === null) return;
    await this.#readers.take(member, told.secret);
    [member.have, member.said] = [told.have, told.said];
    await this.#round?.hear(from, told.said).catch(() => undefined);
    if (told.asks) member.told = "";
    await this.#settle();
  }

  async #tick(unread: readonly string[]): Promise<void> {
    const now = this.ports.now();
    await this.#begin();
    for (const [who, member] of this.#members) {
      this.#readers.expire(member, now);
      member.look(this.#lacks(who, member) || unread.includes(who), now);
    }
    await this.#settle();
  }

  /** Whether either side lacks something of the other. */
  #lacks(who: string, member: Member): boolean {
    if (!this.#own.hiding) return false;
    const unheard = member.newest === null || (this.#round?.lacks(who) ?? false);
    return unheard || member.have !== this.#own.newest?.id;
  }

  /** After every change: use the new key if it is time, tell the others, show what has come of it. */
  async #settle(): Promise<void> {
    const held = [...this.#members.values()].map(({ have }) => have);
    this.#own.settle(held, this.ports.now());
    await this.#tell();
    const shown = this.#privacy();
    if (JSON.stringify(shown) === JSON.stringify(this.#shown)) return;
    this.#shown = shown;
    this.ports.changed(shown);
  }

  async #tell(): Promise<void> {
    const newest = this.#own.newest;
    if (newest === null) return;
    const said = this.#round?.said() ?? NOTHING_SAID;
    const messages: Message[] = [];
    for (const [to, member] of this.#members) {
      const standing = { secret: newest.secret, have: member.newest?.key.id ?? null, said };
      const told = written({ ...standing, asks: false });
      if (told === member.told) continue;
      // Only a look asks, never an answer: two who both lack something would ask for ever.
      const { asking } = member;
      [member.told, member.asking] = [told, false];
      const data = await member.channel.seal(written({ ...standing, asks: asking }));
      messages.push({ to, data });
    }
    if (messages.length > 0) this.ports.send(messages);
  }

  #privacy(): Privacy {
    const others = this.#members.size + this.#cannot.length;
    if (others === 0) return ALONE;
    const on = this.#own.strict;
    const code = on ? (this.#round?.code ?? null) : null;
    return { state: on ? "on" : "off", cannot: this.#cannot, code };
  }
}
