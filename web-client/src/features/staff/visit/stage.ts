/** Where a visit stands for the clinician, and what may be done there. */

import type { VisitState } from "../../../wire/types";

/** What decides where a visit stands: its state, and whether the two ever met. */
export interface Standing {
  state: VisitState;
  joined_at: string | null;
}

/**
 * `calling`: called, the patient hasn't come. `meeting`: both may be there. `writing`: ended, the
 * note isn't signed. `signed`: documented. `unmet`: it never became a meeting, nothing to do here.
 */
export type Stage = "calling" | "meeting" | "writing" | "signed" | "unmet";

export function stageOf({ state, joined_at }: Standing): Stage {
  switch (state) {
    case "called":
      return "calling";
    case "in_progress":
      return "meeting";
    case "ended":
      // A called patient may leave the queue instead of coming.
      return joined_at === null ? "unmet" : "writing";
    case "documented":
      return "signed";
    case "no_response":
    case "no_show":
    case "returned":
      return "unmet";
  }
}

export interface Answer {
  /** Milliseconds since the call. */
  since: number;
  /** Milliseconds left to answer; 0 when the time is up. */
  left: number;
  /** 0..1 of the time to answer that has passed. */
  share: number;
  late: boolean;
}

/** The time that a called patient has had to answer (5 minutes, from the server's `answer_by`). */
export function answerTime(visit: { called_at: string; answer_by: string }, now: number): Answer {
  const called = Date.parse(visit.called_at);
  const by = Date.parse(visit.answer_by);
  const since = Math.max(0, now - called);
  const left = Math.max(0, by - now);
  const share = by > called ? Math.min(1, since / (by - called)) : 1;
  return { since, left, share, late: left === 0 };
}

/** An ended visit whose note waits for a signature: `documented` needs a signed note. */
export function needsSigning(visit: Standing): boolean {
  return stageOf(visit) === "writing";
}

/** A visit that goes on: the clinician can go back to it. */
export function isOpen(visit: { state: VisitState }): boolean {
  return visit.state === "called" || visit.state === "in_progress";
}
