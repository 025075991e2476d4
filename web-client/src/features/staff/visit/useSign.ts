import { ApiError } from "../../../wire/problem";
import { useAction } from "../../../wire/hooks";
import { api } from "../../../wire/rest";
import type { NoteKeeper } from "../note/keeper";
import { staleIn } from "../note/useNote";
import { useKeepVisit } from "./useStaffVisit";

/**
 * Signs the note: first every word is saved, then exactly that version is signed. A newer version
 * from another window stops it, and both texts are shown.
 */
export function useSign(visitId: string, keeper: NoteKeeper, onSigned: () => void) {
  const keep = useKeepVisit();
  const action = useAction(
    async (_: null, key) => {
      if (!(await keeper.flush())) {
        throw new ApiError({ status: 409, code: "note.unsaved" });
      }
      const { version } = keeper.draft().stored;
      try {
        const path = `/api/v1/staff/visits/${visitId}/note/sign` as const;
        return await api.post(path, { version }, { key });
      } catch (error) {
        const theirs = error instanceof ApiError ? staleIn(error) : null;
        if (theirs !== null) keeper.stale(theirs);
        throw error;
      }
    },
    {
      onSuccess: (visit) => {
        keep(visit);
        onSigned();
      },
    },
  );
  return {
    ...action,
    run: () => {
      action.run(null);
    },
  };
}
