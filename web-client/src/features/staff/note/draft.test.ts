import { describe, expect, it } from "vitest";

import { type Draft, dueSave, NO_NOTE, openDraft, reduceDraft, statusOf } from "./draft";

const typed = (draft: Draft, text: string) => reduceDraft(draft, { type: "typed", text });
const sent = (draft: Draft) => reduceDraft(draft, { type: "sent" });

describe("opening a note", () => {
  it("starts from the server", () => {
    const draft = openDraft({ text: "Halsont", version: 3 }, null);
    expect(draft.text).toBe("Halsont");
    expect(statusOf(draft)).toBe("saved");
    expect(statusOf(openDraft(NO_NOTE, null))).toBe("empty");
  });

  it("prefers this computer's copy when it builds on the same version", () => {
    const draft = openDraft(
      { text: "Hals", version: 3 },
      { text: "Halsont sedan i går", version: 3 },
    );
    expect(draft.text).toBe("Halsont sedan i går");
    expect(dueSave(draft)).toEqual({ text: "Halsont sedan i går", version: 3 });
  });

  it("shows both when the copy is older than the server's text", () => {
    const draft = openDraft({ text: "Theirs", version: 4 }, { text: "Mine", version: 3 });
    expect(statusOf(draft)).toBe("conflict");
    expect(draft.text).toBe("Mine");
    expect(draft.theirs).toEqual({ text: "Theirs", version: 4 });
  });
});

describe("saving", () => {
  it("goes from unsaved to saving to saved", () => {
    const written = typed(openDraft(NO_NOTE, null), "Hosta");
    expect(statusOf(written)).toBe("unsaved");
    const under = sent(written);
    expect(statusOf(under)).toBe("saving");
    expect(dueSave(under)).toBeNull();
    const done = reduceDraft(under, { type: "saved", stored: { text: "Hosta", version: 1 } });
    expect(statusOf(done)).toBe("saved");
  });

  it("saves again what was written while a save was under way", () => {
    const under = typed(sent(typed(openDraft(NO_NOTE, null), "Hosta")), "Hosta och feber");
    const done = reduceDraft(under, { type: "saved", stored: { text: "Hosta", version: 1 } });
    expect(dueSave(done)).toEqual({ text: "Hosta och feber", version: 1 });
  });

  it("keeps the text when a save fails, and tries again", () => {
    const failed = reduceDraft(sent(typed(openDraft(NO_NOTE, null), "Hosta")), { type: "failed" });
    expect(statusOf(failed)).toBe("failed");
    expect(dueSave(failed)).toEqual({ text: "Hosta", version: 0 });
  });
});

describe("a version from another window", () => {
  const under = sent(typed(openDraft({ text: "A", version: 1 }, null), "Mine"));

  it("loses nothing: both texts stand until one is chosen", () => {
    const stale = reduceDraft(under, { type: "stale", theirs: { text: "Theirs", version: 2 } });
    expect(statusOf(stale)).toBe("conflict");
    expect(dueSave(stale)).toBeNull();
    const mine = reduceDraft(stale, { type: "chose", keep: "mine" });
    expect(dueSave(mine)).toEqual({ text: "Mine", version: 2 });
    const theirs = reduceDraft(stale, { type: "chose", keep: "theirs" });
    expect(statusOf(theirs)).toBe("saved");
    const both = reduceDraft(stale, { type: "chose", keep: "both" });
    expect(dueSave(both)).toEqual({ text: "Theirs\n\nMine", version: 2 });
  });

  it("is no conflict when it is our own text whose answer was lost", () => {
    const stale = reduceDraft(under, { type: "stale", theirs: { text: "Mine", version: 2 } });
    expect(statusOf(stale)).toBe("saved");
    expect(stale.stored.version).toBe(2);
  });

  it("is adopted on a refetch only when nothing here is unsaved", () => {
    const fetched = { type: "fetched", stored: { text: "B", version: 5 } } as const;
    expect(reduceDraft(openDraft({ text: "A", version: 1 }, null), fetched).text).toBe("B");
    expect(reduceDraft(under, fetched).text).toBe("Mine");
  });
});
