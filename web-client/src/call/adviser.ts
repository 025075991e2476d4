/** Walks the ladder beside a call: what to propose, from what the call shows. */
import type { Line, Seating } from "../wire/generated";
import {
  AT_THE_TOP,
  type Communication,
  decline,
  type Ladder,
  needsPictures,
  type Proposal,
  proposal,
  type Situation,
  watch,
} from "./ladder";
import { type CallState, inCall, sending } from "./model";
import { GOOD, type Verdict, worseOf } from "./quality";
import { isWatched } from "./watched";

interface Seen {
  readonly state: CallState;
  readonly seating: Seating | null;
  readonly verdict: Verdict;
}

export interface Advice {
  /** One's own line, by the worse of what browser and relay say. */
  readonly line: Line;
  readonly proposal: Proposal | null;
  /** One's own line in the call that is, or was the last. */
  readonly last: Line;
  /** Sound alone would leave somebody out. */
  readonly needsPictures: boolean;
}

export class Adviser {
  #ladder: Ladder = AT_THE_TOP;
  #last: Proposal | null = null;
  #lastLine: Line = GOOD;
  communication: Communication = "speech";

  /** `chat`: there is one to go on in. */
  constructor(private readonly chat: boolean) {}

  look(seen: Seen, at: number): Advice {
    const now = this.#situation(seen, at);
    // A call that is over is no step up: only what was declined outlives it.
    if (seen.state.phase === "live") this.#lastLine = now.own;
    if (!inCall(seen.state.phase)) {
      this.#ladder = { ...AT_THE_TOP, declined: this.#ladder.declined };
    }
    this.#ladder = watch(this.#ladder, now);
    const next = proposal(this.#ladder, now);
    // The same words for as long as it is the same that is proposed.
    if (next?.rung !== this.#last?.rung || next?.others !== this.#last?.others) this.#last = next;
    return {
      line: now.own,
      proposal: this.#last,
      last: this.#lastLine,
      needsPictures: needsPictures(now),
    };
  }

  decline(at: number): void {
    if (this.#last !== null) this.#ladder = decline(this.#ladder, this.#last, at);
  }

  #situation({ state, seating, verdict }: Seen, at: number): Situation {
    const others = (seating?.slots ?? []).filter((seat) => seat !== null);
    const comes = others.some((seat) => seat.camera_on && seat.on_hold_since === null);
    return {
      at,
      steady: state.phase === "live" && state.trouble === null && !state.onHold,
      own: seating === null ? verdict.said : worseOf(verdict.said, seating.line),
      communication: this.communication,
      others: others.filter((seat) => seat.on_hold_since === null),
      spared: state.spared,
      sends: sending(state).camera && (seating === null || isWatched(seating)),
      gets: comes && !state.spared.pictures && seating?.pictures_held === false,
      chat: this.chat,
    };
  }
}
