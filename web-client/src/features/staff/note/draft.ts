/**
 * The draft of a note, as a pure reducer: what stands in the field, what the server has, and what
 * to do when they part. It never drops a written word by itself: a conflict keeps both texts until
 * the clinician has chosen.
 */

export interface Stored {
  text: string;
  version: number;
}

export interface Draft {
  /** What stands in the field. */
  text: string;
  /** The newest that the server is known to have. */
  stored: Stored;
  /** The text that is on its way to the server. */
  sending: string | null;
  /** A newer text from another window, when a save met one. */
  theirs: Stored | null;
  /** The last save did not arrive; what is written is kept on this computer meanwhile. */
  failed: boolean;
}

export type DraftEvent =
  | { type: "typed"; text: string }
  | { type: "sent" }
  | { type: "saved"; stored: Stored }
  | { type: "failed" }
  | { type: "stale"; theirs: Stored }
  | { type: "fetched"; stored: Stored }
  | { type: "chose"; keep: "mine" | "theirs" | "both" };

export type DraftStatus = "empty" | "saved" | "unsaved" | "saving" | "failed" | "conflict";

export const NO_NOTE: Stored = { text: "", version: 0 };

/** The draft at opening: the server's text, or this computer's copy when that holds more. */
export function openDraft(stored: Stored, copy: Stored | null): Draft {
  const draft: Draft = { text: stored.text, stored, sending: null, theirs: null, failed: false };
  if (copy === null || copy.text === stored.text) return draft;
  if (copy.version >= stored.version) return { ...draft, text: copy.text };
  if (copy.text.trim() === "") return draft;
  return { ...draft, text: copy.text, theirs: stored };
}

export function reduceDraft(draft: Draft, event: DraftEvent): Draft {
  switch (event.type) {
    case "typed":
      return { ...draft, text: event.text };
    case "sent":
      return { ...draft, sending: draft.text, failed: false };
    case "saved":
      return { ...draft, stored: newest(draft.stored, event.stored), sending: null, failed: false };
    case "failed":
      return { ...draft, sending: null, failed: true };
    case "stale":
      return whenStale(draft, event.theirs);
    case "fetched":
      return whenFetched(draft, event.stored);
    case "chose":
      return whenChosen(draft, event.keep);
  }
}

/** The next save, or null while there is nothing to save, one is under way, or a choice is due. */
export function dueSave(draft: Draft): Stored | null {
  if (draft.sending !== null || draft.theirs !== null || !isUnsaved(draft)) return null;
  return { text: draft.text, version: draft.stored.version };
}

export function isUnsaved(draft: Draft): boolean {
  return draft.text !== draft.stored.text;
}

export function statusOf(draft: Draft): DraftStatus {
  if (draft.theirs !== null) return "conflict";
  if (draft.sending !== null) return "saving";
  if (!isUnsaved(draft)) return draft.text === "" ? "empty" : "saved";
  return draft.failed ? "failed" : "unsaved";
}

function newest(one: Stored, other: Stored): Stored {
  return other.version >= one.version ? other : one;
}

/** The same words under a newer version are no conflict: an answer that got lost was our own. */
function whenStale(draft: Draft, theirs: Stored): Draft {
  const calm = { ...draft, sending: null, failed: false };
  if (sameWords(theirs.text, draft.text)) {
    return { ...calm, stored: { ...theirs, text: draft.text } };
  }
  if (draft.sending !== null && sameWords(theirs.text, draft.sending)) {
    return { ...calm, stored: theirs };
  }
  return { ...calm, theirs };
}

/** The server trims the ends of a text. */
function sameWords(one: string, other: string): boolean {
  return one.trim() === other.trim();
}

/** A fresh visit from the server is adopted only where nothing written here would be lost. */
function whenFetched(draft: Draft, stored: Stored): Draft {
  if (stored.version <= draft.stored.version) return draft;
  if (draft.sending !== null || draft.theirs !== null || isUnsaved(draft)) return draft;
  return { ...draft, text: stored.text, stored };
}

function whenChosen(draft: Draft, keep: "mine" | "theirs" | "both"): Draft {
  const { theirs } = draft;
  if (theirs === null) return draft;
  const text = {
    mine: draft.text,
    theirs: theirs.text,
    both: `${theirs.text.trimEnd()}\n\n${draft.text.trimStart()}`,
  }[keep];
  return { ...draft, text, stored: theirs, theirs: null };
}
