/**
 * What the queue table shows, and when it may change under the reader's eyes.
 *
 * A live list that reorders while somebody reads it makes them click the wrong row. So while the
 * table is being read (focus or pointer in it) rows stay where they are: a row is updated in place,
 * one that has left stays as a greyed line, and newcomers wait behind a "3 nya" button. When nobody
 * reads, the fresh list is shown as it is.
 */

import type { Board, BoardTicket } from "../../../wire/types";

export type RowState =
  | { kind: "waiting" }
  | { kind: "resting"; until: string }
  | { kind: "taken"; by: string | null; mine: boolean }
  | { kind: "gone" };

export interface Row {
  ticket: BoardTicket;
  gone: boolean;
}

export interface Shown {
  rows: readonly Row[];
  /** Newcomers that are held back while the table is read. */
  held: number;
}

/** Those who wait keep the server's order (it alone knows the rules); those taken come last. */
export function inOrder(tickets: readonly BoardTicket[]): BoardTicket[] {
  const waiting = tickets.filter((ticket) => ticket.state === "waiting");
  const taken = tickets.filter((ticket) => ticket.state !== "waiting");
  return [...waiting, ...taken];
}

/** The fresh list as it is. */
export function showAll(tickets: readonly BoardTicket[]): Shown {
  return { rows: inOrder(tickets).map((ticket) => ({ ticket, gone: false })), held: 0 };
}

/** The fresh list laid over what is shown, without moving, adding or removing a row. */
export function holdStill(shown: Shown, tickets: readonly BoardTicket[]): Shown {
  const fresh = new Map(tickets.map((ticket) => [ticket.id, ticket]));
  const rows = shown.rows.map((row): Row => {
    const now = fresh.get(row.ticket.id);
    fresh.delete(row.ticket.id);
    return now === undefined ? { ticket: row.ticket, gone: true } : { ticket: now, gone: false };
  });
  const held = [...fresh.values()].filter((ticket) => ticket.state === "waiting").length;
  return { rows, held };
}

/** Next content of the table: held still while it is read, otherwise the fresh list. */
export function nextShown(shown: Shown, tickets: readonly BoardTicket[], reading: boolean): Shown {
  const canHold = reading && shown.rows.some((row) => !row.gone);
  return canHold ? holdStill(shown, tickets) : showAll(tickets);
}

export function rowState(row: Row, now: number): RowState {
  if (row.gone) return { kind: "gone" };
  const { state, not_before, taken_by, taken_by_me } = row.ticket;
  if (state !== "waiting") return { kind: "taken", by: taken_by, mine: taken_by_me };
  if (not_before !== null && Date.parse(not_before) > now) {
    return { kind: "resting", until: not_before };
  }
  return { kind: "waiting" };
}

export interface Numbers {
  waiting: number;
  /** How many of those who wait the board does not hold: it has only so many lines. */
  beyond: number;
  /** Those whom "take next" would offer now: waiting and not resting. */
  offered: number;
  longestSince: string | null;
}

type Waiting = Pick<Board, "tickets" | "waiting_total">;

export function numbers(board: Waiting | undefined, now: number): Numbers {
  const waiting = (board?.tickets ?? []).filter((ticket) => ticket.state === "waiting");
  const longestSince = waiting.reduce<string | null>(
    (first, { arrived_at }) =>
      first === null || Date.parse(arrived_at) < Date.parse(first) ? arrived_at : first,
    null,
  );
  const offered = waiting.filter(
    ({ not_before }) => not_before === null || Date.parse(not_before) <= now,
  ).length;
  const beyond = Math.max(0, (board?.waiting_total ?? 0) - waiting.length);
  return { waiting: waiting.length + beyond, beyond, offered, longestSince };
}

/** How many of those who wait now were not waiting before (for the spoken count and the chime). */
export function arrivals(before: ReadonlySet<string>, tickets: readonly BoardTicket[]): number {
  return tickets.filter(({ id, state }) => state === "waiting" && !before.has(id)).length;
}
