import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { NO_NOTE, statusOf, type Stored } from "./draft";
import { type CopyStore, NoteKeeper, SAVE_AFTER_MS, type SaveResult } from "./keeper";

class Copies implements CopyStore {
  copy: Stored | null = null;
  read = () => this.copy;
  write = (copy: Stored) => {
    this.copy = copy;
  };
  clear = () => {
    this.copy = null;
  };
}

const asSaved = ({ text, version }: Stored): Promise<SaveResult> =>
  Promise.resolve({ kind: "saved", stored: { text, version: version + 1 } });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("the keeper of a note", () => {
  it("saves once after a pause in the writing", async () => {
    const save = vi.fn(asSaved);
    const copies = new Copies();
    const keeper = new NoteKeeper(NO_NOTE, { save, copies });
    for (const text of ["H", "Ho", "Hos"]) {
      keeper.typed(text);
      await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS / 2);
    }
    expect(save).not.toHaveBeenCalled();
    expect(copies.copy).toEqual({ text: "Hos", version: 0 });
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
    expect(save.mock.calls).toEqual([[{ text: "Hos", version: 0 }]]);
    expect(statusOf(keeper.draft())).toBe("saved");
    expect(copies.copy).toBeNull();
  });

  it("never sends two saves at once, and sends the rest after", async () => {
    const answers: ((result: SaveResult) => void)[] = [];
    const sent: Stored[] = [];
    const save = vi.fn(
      (draft: Stored) =>
        new Promise<SaveResult>((resolve) => {
          sent.push(draft);
          answers.push(resolve);
        }),
    );
    const keeper = new NoteKeeper(NO_NOTE, { save, copies: new Copies() });
    keeper.typed("A");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
    keeper.typed("AB");
    await vi.advanceTimersByTimeAsync(5 * SAVE_AFTER_MS);
    expect(save).toHaveBeenCalledTimes(1);
    answers[0]?.({ kind: "saved", stored: { text: "A", version: 1 } });
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
    expect(sent).toEqual([
      { text: "A", version: 0 },
      { text: "AB", version: 1 },
    ]);
  });

  it("keeps a copy over a failed save and a reload, and saves it after", async () => {
    const copies = new Copies();
    const failing = vi.fn((): Promise<SaveResult> => Promise.resolve({ kind: "failed" }));
    const before = new NoteKeeper(NO_NOTE, { save: failing, copies });
    before.typed("Feber");
    expect(await before.flush()).toBe(false);
    expect(copies.copy).toEqual({ text: "Feber", version: 0 });

    const save = vi.fn(asSaved);
    const after = new NoteKeeper(NO_NOTE, { save, copies });
    expect(after.draft().text).toBe("Feber");
    expect(await after.flush()).toBe(true);
    expect(save).toHaveBeenCalledWith({ text: "Feber", version: 0 });
  });

  it("tries a failed save again by itself", async () => {
    let works = false;
    const save = vi.fn(
      (draft: Stored): Promise<SaveResult> =>
        works ? asSaved(draft) : Promise.resolve({ kind: "failed" }),
    );
    const keeper = new NoteKeeper(NO_NOTE, { save, copies: new Copies() });
    keeper.typed("Feber");
    await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
    expect(statusOf(keeper.draft())).toBe("failed");
    works = true;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(statusOf(keeper.draft())).toBe("saved");
  });

  it("holds both texts on a conflict, also over a reload", async () => {
    const copies = new Copies();
    const theirs = { text: "Theirs", version: 2 };
    const save = vi.fn((): Promise<SaveResult> => Promise.resolve({ kind: "stale", theirs }));
    const keeper = new NoteKeeper({ text: "A", version: 1 }, { save, copies });
    keeper.typed("Mine");
    expect(await keeper.flush()).toBe(false);
    expect(copies.copy).toEqual({ text: "Mine", version: 1 });
    const reloaded = new NoteKeeper(theirs, { save, copies });
    expect(statusOf(reloaded.draft())).toBe("conflict");
    expect(reloaded.draft().text).toBe("Mine");
  });
});
