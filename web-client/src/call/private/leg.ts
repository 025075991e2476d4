/** One leg, inside the worker: its agreement, its frames, and what is to be told of both. */
import { freshIdentity } from "./channel";
import type { Kind } from "./frames";
import { NOTHING_PASSED, type Passed } from "./guard";
import type { FromWorker, ToWorker } from "./messages";
import { pipe, type Transformer, type Way } from "./pipe";
import { Reading } from "./reading";
import { ALONE, type Privacy, Session } from "./session";
import { TIMES } from "./times";

type Seated = Extract<ToWorker, { type: "seated" }>;

function receiverOf({ slot, kind }: Way): string {
  return `${slot} ${kind}`;
}

export class HiddenLeg {
  readonly #reading = new Reading();
  readonly #session: Session;
  readonly #timer: ReturnType<typeof setInterval>;
  #seated: Pick<Seated, "slots" | "screen"> = { slots: [], screen: null };
  readonly #passed: Record<Kind, Passed> = {
    audio: NOTHING_PASSED,
    video: NOTHING_PASSED,
    screen: NOTHING_PASSED,
  };
  #privacy: Privacy = ALONE;
  #shown = "";

  private constructor(
    private readonly leg: number,
    identity: ConstructorParameters<typeof Session>[0],
    private readonly post: (message: FromWorker) => void,
    private readonly now: () => number,
  ) {
    this.#session = new Session(identity, {
      send: (messages) => post({ type: "send", leg, messages }),
      changed: (privacy) => {
        this.#privacy = privacy;
        this.#show();
      },
      now,
    });
    this.#timer = setInterval(() => this.#look(), TIMES.askAfter);
  }

  static async begin(
    leg: number,
    post: (message: FromWorker) => void,
    now: () => number,
  ): Promise<HiddenLeg> {
    const identity = await freshIdentity();
    const hidden = new HiddenLeg(leg, identity, post, now);
    post({ type: "leg", leg, publicKey: identity.publicKey });
    return hidden;
  }

  seated({ visit, me, others, slots, screen }: Seated): void {
    this.#seated = { slots, screen };
    this.#session.seated(visit, me, others);
  }

  hear(from: string, data: string): void {
    this.#session.hear(from, data);
  }

  again(): void {
    this.#session.again();
  }

  pipe(transformer: Transformer, way: Way): Promise<void> {
    const { kind, slot } = way;
    const session = this.#session;
    return pipe(transformer, way, {
      turn: (frame) => (slot === "out" ? session.seal(kind, frame) : session.open(kind, frame)),
      turned: (after) => {
        if (slot === "out") this.#note(kind, after?.length ?? null);
        else this.#reading.note(receiverOf(way), after !== null, this.now());
      },
      now: this.now,
    });
  }

  /** Says how much of one's own has gone through here. */
  count(asked: number): void {
    this.post({ type: "passed", leg: this.leg, asked, passed: { ...this.#passed } });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #note(kind: Kind, length: number | null): void {
    const { seen, given, bytes } = this.#passed[kind];
    const through = length === null ? 0 : 1;
    this.#passed[kind] = {
      seen: seen + 1,
      given: given + through,
      bytes: bytes + (length ?? 0),
    };
  }

  #look(): void {
    this.#session.tick(this.#unread(TIMES.askAfter));
    this.#show();
  }

  #unread(forAtLeast: number): string[] {
    const { slots, screen } = this.#seated;
    const who = this.#reading.unread(forAtLeast, this.now()).map((receiver) => {
      const slot = receiver.split(" ")[0] ?? "";
      return slot === "screen" ? screen : (slots[Number(slot)] ?? null);
    });
    return [...new Set(who.filter((each) => each !== null))].sort();
  }

  #show(): void {
    const privacy = { ...this.#privacy, unread: this.#unread(TIMES.unread) };
    const text = JSON.stringify(privacy);
    if (text === this.#shown) return;
    this.#shown = text;
    this.post({ type: "privacy", leg: this.leg, privacy });
  }
}
