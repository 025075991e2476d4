/** Where a visit stands for the clinician, and what may be done there. */

import type { VisitState } from "../../../wire/types";

/**
 * `calling`: called, the patient hasn't come. `meeting`: both may be there. `writing`: ended, the
 * note isn't signed. `signed`: documented. `handed_back`: went another way, nothing to do here.
 */
export type Stage = "calling" | "meeting" | "writing" | "signed" | "handed_back";

export function stageOf(state: VisitState): Stage {
  switch (state) {
    case "called":
      return "calling";
    case "in_progress":
      return "meeting";
    case "ended":
      return "writing";
    case "documented":
      return "signed";
    case "no_response":
    case "no_show":
    case "returned":
      return "handed_back";
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
export function needsSigning(visit: { state: VisitState }): boolean {
  return visit.state === "ended";
}

/** A visit that goes on: the clinician can go back to it. */
export function isOpen(visit: { state: VisitState }): boolean {
  return visit.state === "called" || visit.state === "in_progress";
}
