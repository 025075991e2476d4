import { describe, expect, it } from "vitest";
import { boardBehind, hinted, newest, overviewBehind, overviewHinted } from "./fresh";
import type { Overview, ServerEvents, Ticket } from "./types";

const TICKET: Ticket = {
  id: "t",
  clinic_id: "c",
  clinic_name: "Mälarö",
  profession: "doctor",
  reason: "Hosta",
  channel: "video",
  communication: "speech",
  state: "waiting",
  place: 2,
  waiting_total: 2,
  wait: { kind: "unknown" },
  arrived_at: "2026-03-02T09:00:00Z",
  not_before: null,
  requeued: false,
  visit_id: null,
  version: 5,
};

const HINT: ServerEvents["ticket.changed"] = {
  type: "ticket.changed",
  ticket_id: "t",
  version: 6,
  state: "waiting",
  place: 1,
  waiting_total: 1,
  wait: { kind: "range", low_minutes: 5, high_minutes: 10 },
  visit_id: null,
  channel: "chat",
  communication: "signs",
  not_before: "2026-03-02T09:10:00Z",
  requeued: true,
};

const ANSWER = { visits: [], tickets: [{ ticket_id: "t", version: 5 }], queue: null, guest: null };

describe("a ticket's hint", () => {
  it("makes the ticket that a fetch would give, and nothing more", () => {
    const { type: _type, ticket_id: _id, ...news } = HINT;
    expect(hinted(TICKET, HINT)).toStrictEqual({ ...TICKET, ...news });
  });

  it("changes nothing when it is older, doubled, or of another ticket", () => {
    const now = hinted(TICKET, HINT);
    expect(hinted(now, { ...HINT, version: 4, state: "left" })).toBe(now);
    expect(hinted(now, HINT)).toStrictEqual(now);
    expect(hinted(TICKET, { ...HINT, ticket_id: "other" })).toBe(TICKET);
  });
});

describe("the overview", () => {
  const held: Overview = { tickets: [TICKET], visits: [] };

  it("moves a place by the hint alone, and fetches what opens, closes or is unknown", () => {
    expect(overviewHinted(held, HINT)?.tickets[0]?.place).toBe(1);
    expect(overviewHinted(held, { ...HINT, state: "called" })).toBeNull();
    expect(overviewHinted(held, { ...HINT, ticket_id: "other" })).toBeNull();
    // Late news of another state than the newer one that is held.
    expect(overviewHinted(held, { ...HINT, state: "called", version: 1 })).toStrictEqual(held);
  });

  it("is behind when something in it is newer on the server, or gone", () => {
    expect(overviewBehind(held, ANSWER)).toBe(false);
    expect(overviewBehind(held, { ...ANSWER, tickets: [{ ticket_id: "t", version: 4 }] })).toBe(
      false,
    );
    expect(overviewBehind(held, { ...ANSWER, tickets: [{ ticket_id: "t", version: 6 }] })).toBe(
      true,
    );
    expect(overviewBehind(held, { ...ANSWER, tickets: [] })).toBe(true);
  });
});

describe("versions", () => {
  it("the newer stays; of one version the later come", () => {
    expect(newest({ version: 2 }, { version: 1 })).toEqual({ version: 2 });
    const again = { version: 2 };
    expect(newest({ version: 2 }, again)).toBe(again);
    expect(newest(undefined, again)).toBe(again);
  });

  it("a board of another queue is old whatever its number", () => {
    const held = { clinic_id: "a", profession: "doctor", version: 9 };
    expect(boardBehind(held, { ...held, version: 9 })).toBe(false);
    expect(boardBehind(held, { ...held, version: 10 })).toBe(true);
    expect(boardBehind(held, { ...held, clinic_id: "b", version: 3 })).toBe(true);
    expect(boardBehind(undefined, held)).toBe(true);
  });
});
