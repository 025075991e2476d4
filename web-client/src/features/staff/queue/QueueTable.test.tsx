import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import { beforeAll, expect, it, vi } from "vitest";
import { loadAreas } from "../../../i18n";
import type { BoardTicket } from "../../../wire/types";
import { QueueTable } from "./QueueTable";

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

beforeAll(async () => {
  await loadAreas("common", "staff");
});

function show(tickets: BoardTicket[]) {
  const onTake = vi.fn();
  const page = (now: BoardTicket[]) => (
    <I18nProvider i18n={i18n}>
      <QueueTable tickets={now} now={NOW} canTake busy={false} onTake={onTake} />
    </I18nProvider>
  );
  const { rerender } = render(page(tickets));
  return {
    onTake,
    becomes: (next: BoardTicket[]) => {
      rerender(page(next));
    },
  };
}

const rows = () => screen.getAllByRole("row").slice(1);
const reasons = () => rows().map((row) => /Reason [a-z]/.exec(row.textContent)?.[0].slice(7));
const buttonOf = (index: number) =>
  within(rows()[index] ?? document.body).getByRole("button", { name: "Ta emot" });

it("shows newcomers at once while nobody reads the table", () => {
  const { becomes } = show([ticket("a")]);
  becomes([ticket("a"), ticket("b")]);
  expect(reasons()).toEqual(["a", "b"]);
});

it("moves nothing and keeps the focus while the focus is in the table", () => {
  const { becomes } = show([ticket("a"), ticket("b")]);
  const button = buttonOf(1);
  act(() => {
    button.focus();
  });
  becomes([ticket("c"), ticket("b"), ticket("d")]);
  expect(reasons()).toEqual(["a", "b"]);
  expect(document.activeElement).toBe(button);
  expect(rows()[0]?.textContent).toContain("Har lämnat kön");

  fireEvent.click(screen.getByRole("button", { name: "2 nya i kön, visa" }));
  expect(reasons()).toEqual(["c", "b", "d"]);
});

it("moves nothing under the mouse, and catches up when it leaves", () => {
  const { becomes } = show([ticket("a")]);
  const table = screen.getByRole("table").parentElement?.parentElement;
  if (!table) throw new Error("no table");
  fireEvent.pointerMove(table, { pointerType: "mouse" });
  becomes([ticket("b"), ticket("a")]);
  expect(reasons()).toEqual(["a"]);
  fireEvent.pointerLeave(table);
  expect(reasons()).toEqual(["b", "a"]);
});

it("takes nobody whom a colleague has taken, and keeps the focus on the row", () => {
  const { becomes, onTake } = show([ticket("a"), ticket("b")]);
  const button = buttonOf(0);
  act(() => {
    button.focus();
  });
  becomes([ticket("a", { state: "called", taken_by: "Eva" }), ticket("b")]);
  fireEvent.click(button);
  expect(onTake).not.toHaveBeenCalled();
  expect(document.activeElement).toBe(button);
  expect(rows()[0]?.textContent).toContain("Tagen av Eva");
  fireEvent.click(buttonOf(1));
  expect(onTake).toHaveBeenCalledWith("b");
});
