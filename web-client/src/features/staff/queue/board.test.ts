import { describe, expect, it } from "vitest";

import type { BoardTicket } from "../../../wire/types";
import { arrivals, holdStill, inOrder, nextShown, numbers, rowState, showAll } from "./board";

const NOW = Date.parse("2026-03-02T09:00:00Z");

function ticket(id: string, more: Partial<BoardTicket> = {}): BoardTicket {
  return {
    id,
    reason: `Reason ${id}`,
    age: 40,
    channel: "video",
    communication: "speech",
    state: "waiting",
    arrived_at: "2026-03-02T08:30:00Z",
    not_before: null,
    requeued: false,
    taken_by: null,
    taken_by_me: false,
    equipment: null,
    ...more,
  };
}

const ids = (rows: readonly { ticket: BoardTicket }[]) => rows.map((row) => row.ticket.id);

describe("the order", () => {
  it("keeps the server's order of those who wait and puts the taken last", () => {
    const tickets = [ticket("a", { state: "called" }), ticket("b"), ticket("c")];
    expect(inOrder(tickets).map(({ id }) => id)).toEqual(["b", "c", "a"]);
  });
});

describe("a table that is being read", () => {
  const shown = showAll([ticket("a"), ticket("b"), ticket("c")]);

  it("moves no row, even when the server's order changed", () => {
    const next = holdStill(shown, [ticket("c"), ticket("a"), ticket("b")]);
    expect(ids(next.rows)).toEqual(["a", "b", "c"]);
    expect(next.held).toBe(0);
  });

  it("holds newcomers back and counts them", () => {
    const next = holdStill(shown, [
      ticket("d"),
      ticket("a"),
      ticket("b"),
      ticket("c"),
      ticket("e"),
    ]);
    expect(ids(next.rows)).toEqual(["a", "b", "c"]);
    expect(next.held).toBe(2);
  });

  it("does not count a newcomer whom a colleague has taken already", () => {
    const taken = ticket("d", { state: "called", taken_by: "Eva" });
    expect(holdStill(shown, [ticket("a"), ticket("b"), ticket("c"), taken]).held).toBe(0);
  });

  it("leaves a line where somebody left, and updates the others in place", () => {
    const next = holdStill(shown, [ticket("a"), ticket("b", { state: "called", taken_by: "Eva" })]);
    expect(ids(next.rows)).toEqual(["a", "b", "c"]);
    expect(next.rows.map((row) => rowState(row, NOW).kind)).toEqual(["waiting", "taken", "gone"]);
  });

  it("takes back a line that returns", () => {
    const gone = holdStill(shown, [ticket("a")]);
    const back = holdStill(gone, [ticket("a"), ticket("b"), ticket("c")]);
    expect(back.rows.every((row) => !row.gone)).toBe(true);
  });

  it("shows the fresh list when nothing is left worth holding", () => {
    const gone = holdStill(shown, []);
    expect(ids(nextShown(gone, [ticket("x")], true).rows)).toEqual(["x"]);
  });

  it("ends as the fresh list once the reader lets go", () => {
    const fresh = [ticket("d"), ticket("a"), ticket("c")];
    expect(nextShown(holdStill(shown, fresh), fresh, false)).toEqual(showAll(fresh));
  });
});

describe("what a row says", () => {
  it("rests until the time is up, then waits again", () => {
    const row = { ticket: ticket("a", { not_before: "2026-03-02T09:05:00Z" }), gone: false };
    expect(rowState(row, NOW)).toEqual({ kind: "resting", until: "2026-03-02T09:05:00Z" });
    expect(rowState(row, NOW + 5 * 60_000).kind).toBe("waiting");
  });
});

describe("the numbers", () => {
  it("count who waits, who would be offered next, and the longest wait", () => {
    const tickets = [
      ticket("a", { arrived_at: "2026-03-02T08:40:00Z" }),
      ticket("b", { arrived_at: "2026-03-02T08:10:00Z", not_before: "2026-03-02T09:05:00Z" }),
      ticket("c", { arrived_at: "2026-03-02T07:00:00Z", state: "admitted" }),
    ];
    expect(numbers({ tickets, waiting_total: 2 }, NOW)).toEqual({
      waiting: 2,
      beyond: 0,
      offered: 1,
      longestSince: "2026-03-02T08:10:00Z",
    });
    expect(numbers(undefined, NOW).longestSince).toBeNull();
  });

  it("count those as well whom the board has no line for", () => {
    const tickets = [ticket("a"), ticket("b", { state: "called" })];
    expect(numbers({ tickets, waiting_total: 301 }, NOW)).toMatchObject({
      waiting: 301,
      beyond: 300,
      offered: 1,
    });
  });

  it("count arrivals only once", () => {
    expect(arrivals(new Set(["a"]), [ticket("a"), ticket("b")])).toBe(1);
  });
});
