/**
 * What a hint or a heartbeat does to what a screen holds. Pure.
 *
 * Truth is fetched over HTTP and carries a version; a hint may be lost, doubled, late, or from
 * before the answer that the screen holds. Whatever comes, nothing older takes the place of newer.
 */
import type { Overview, ServerEvents, SyncAnswer, Ticket } from "./types";

export interface Versioned {
  readonly version: number;
}

interface Known extends Versioned {
  readonly id: string;
}

/** The newer of the two; of one version the one that came last, since a wait moves with the clock. */
export function newest<T extends Versioned>(held: T | undefined, came: T): T {
  return held !== undefined && held.version > came.version ? held : came;
}

/** Whether the server has something newer than what is held. */
export function isBehind(held: Versioned | undefined, version: number): boolean {
  return held === undefined || held.version < version;
}

/** The ticket after a hint, which tells all of a ticket that ever changes. */
export function hinted(held: Ticket, hint: ServerEvents["ticket.changed"]): Ticket {
  const { type: _type, ticket_id, ...news } = hint;
  return held.id === ticket_id ? newest(held, { ...held, ...news }) : held;
}

/** The overview after a ticket's hint; null when it must be fetched: something opened or closed. */
export function overviewHinted(
  held: Overview,
  hint: ServerEvents["ticket.changed"],
): Overview | null {
  const known = held.tickets.find(({ id }) => id === hint.ticket_id);
  if (known === undefined) return null;
  const now = hinted(known, hint);
  if (now.state !== known.state) return null;
  return { ...held, tickets: held.tickets.map((one) => (one === known ? now : one)) };
}

/** Whether the heartbeat tells of something in the overview that is newer, or that is gone. */
export function overviewBehind(held: Overview, answer: SyncAnswer): boolean {
  const told = new Map<string, number>([
    ...answer.tickets.map((one) => [one.ticket_id, one.version] as const),
    ...answer.visits.map((one) => [one.visit_id, one.version] as const),
  ]);
  return [...held.tickets, ...held.visits].some((one: Known) => {
    const version = told.get(one.id);
    return version === undefined || isBehind(one, version);
  });
}

/** Whether a queue's new version is news to who holds this board; a board of another queue is old. */
export function boardBehind(
  held: { clinic_id: string; profession: string; version: number } | undefined,
  told: { clinic_id: string; profession: string; version: number },
): boolean {
  const same = held?.clinic_id === told.clinic_id && held.profession === told.profession;
  return isBehind(same ? held : undefined, told.version);
}
