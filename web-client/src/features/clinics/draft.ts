import { useCallback, useState } from "react";
import { useSession } from "../../app/current";
import type { Channel, Communication } from "../../wire/types";

export interface Draft {
  reason: string;
  channel: Channel | null;
  communication: Communication | null;
}

const EMPTY: Draft = { reason: "", channel: null, communication: null };
const PREFIX = "vardrum.draft.";

function place(person: string, clinic: string, profession: string): string {
  return `${PREFIX}${person}.${clinic}.${profession}`;
}

function read(at: string): Draft {
  try {
    return { ...EMPTY, ...(JSON.parse(sessionStorage.getItem(at) ?? "{}") as Partial<Draft>) };
  } catch {
    return EMPTY;
  }
}

/** On logout: nobody else at this screen reads what was begun. */
export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
    }
  } catch {
    // Storage that is refused has kept nothing.
  }
}

/**
 * What this person has written so far. It survives a reload but not the tab: these are words about
 * one's health, and the computer may be the library's.
 */
export function useDraft(clinic: string, profession: string) {
  const session = useSession("patient");
  const at = place(session.data?.account.id ?? "", clinic, profession);
  const [draft, setDraft] = useState(() => read(at));
  const change = useCallback(
    (part: Partial<Draft>) => {
      setDraft((before) => {
        const after = { ...before, ...part };
        try {
          sessionStorage.setItem(at, JSON.stringify(after));
        } catch {
          // Storage may be refused: the draft then lasts as long as the page.
        }
        return after;
      });
    },
    [at],
  );
  const drop = useCallback(() => {
    try {
      sessionStorage.removeItem(at);
    } catch {
      // As above.
    }
  }, [at]);
  return [draft, change, drop] as const;
}
