import { useEffect, useState, useSyncExternalStore } from "react";
import { type ApiError, isCode } from "../../../wire/problem";
import { api, newKey } from "../../../wire/rest";
import type { Note, Visit } from "../../../wire/types";
import { copiesOf } from "./copies";
import { type Draft, NO_NOTE, type Stored } from "./draft";
import { NoteKeeper, type SaveResult } from "./keeper";

export interface NoteHandle {
  keeper: NoteKeeper;
  draft: Draft;
}

/** The visit's note under way. It lives with the visit's page: over the meeting and the wrap-up. */
export function useNote(visit: Visit, accountId: string, keep: (visit: Visit) => void): NoteHandle {
  const [keeper] = useState(
    () =>
      new NoteKeeper(storedOf(visit.note), {
        copies: copiesOf(accountId, visit.id, sessionStorage),
        save: (draft) => saveNote(visit.id, draft, keep),
      }),
  );
  const draft = useSyncExternalStore(keeper.subscribe, keeper.draft);

  useEffect(() => {
    keeper.fetched(storedOf(visit.note));
  }, [keeper, visit.note]);

  useEffect(() => {
    const onHide = () => void keeper.flush();
    window.addEventListener("pagehide", onHide);
    return () => {
      window.removeEventListener("pagehide", onHide);
      void keeper.flush();
    };
  }, [keeper]);

  return { keeper, draft };
}

/** The newer note that a `note.stale` carries, or null when this is another error. */
export function staleIn(error: ApiError): Stored | null {
  if (!isCode(error, "note.stale")) return null;
  const { text, version } = error.extra;
  return typeof text === "string" && typeof version === "number" ? { text, version } : null;
}

function storedOf(note: Note | null): Stored {
  return note === null ? NO_NOTE : { text: note.text, version: note.version };
}

async function saveNote(
  visitId: string,
  draft: Stored,
  keep: (visit: Visit) => void,
): Promise<SaveResult> {
  try {
    const path = `/api/v1/staff/visits/${visitId}/note` as const;
    const visit = await api.put(path, draft, { key: newKey() });
    keep(visit);
    // The server may trim; what was sent is what stands, so that the cursor never jumps.
    return { kind: "saved", stored: { text: draft.text, version: storedOf(visit.note).version } };
  } catch (error) {
    const theirs = staleIn(error as ApiError);
    return theirs === null ? { kind: "failed" } : { kind: "stale", theirs };
  }
}
