import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { useSyncExternalStore } from "react";
import { beforeAll, expect, it, vi } from "vitest";
import { loadAreas } from "../../../i18n";
import { NO_NOTE, type Stored } from "./draft";
import { type CopyStore, NoteKeeper, type SaveResult } from "./keeper";
import { NoteEditor } from "./NoteEditor";

beforeAll(async () => {
  await loadAreas("common", "staff");
});

const NO_COPIES: CopyStore = {
  read: () => null,
  write: () => undefined,
  clear: () => undefined,
};

function Editor({ keeper }: { keeper: NoteKeeper }) {
  const draft = useSyncExternalStore(keeper.subscribe, keeper.draft);
  return <NoteEditor keeper={keeper} draft={draft} />;
}

function show(save: (draft: Stored) => Promise<SaveResult>) {
  const keeper = new NoteKeeper(NO_NOTE, { save, copies: NO_COPIES });
  render(
    <I18nProvider i18n={i18n}>
      <Editor keeper={keeper} />
    </I18nProvider>,
  );
  const field = screen.getByRole<HTMLTextAreaElement>("textbox");
  return async (text: string) => {
    await act(async () => {
      fireEvent.change(field, { target: { value: text } });
      fireEvent.blur(field);
      await Promise.resolve();
    });
    return field;
  };
}

it("saves on leaving the field and says so", async () => {
  const save = vi.fn(
    (draft: Stored): Promise<SaveResult> =>
      Promise.resolve({ kind: "saved", stored: { ...draft, version: 1 } }),
  );
  await show(save)("Hosta");
  expect(save).toHaveBeenCalledWith({ text: "Hosta", version: 0 });
  expect(await screen.findByText("Sparad")).toBeTruthy();
});

it("shows both texts of a conflict and keeps what is chosen", async () => {
  const theirs = { text: "Feber", version: 3 };
  const save = vi
    .fn<(draft: Stored) => Promise<SaveResult>>()
    .mockResolvedValueOnce({ kind: "stale", theirs })
    .mockImplementation((draft) =>
      Promise.resolve({ kind: "saved", stored: { ...draft, version: draft.version + 1 } }),
    );
  const field = await show(save)("Hosta");
  expect(await screen.findByText("Feber")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Behåll båda" }));
  expect(field.value).toBe("Feber\n\nHosta");
  expect(await screen.findByText("Sparad")).toBeTruthy();
  expect(save).toHaveBeenLastCalledWith({ text: "Feber\n\nHosta", version: 3 });
});
