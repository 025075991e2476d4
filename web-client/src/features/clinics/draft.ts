import { useCallback, useState } from "react";
import type { Channel } from "../../wire/types";

export interface Draft {
  reason: string;
  channel: Channel | null;
}

const EMPTY: Draft = { reason: "", channel: null };
const place = (clinic: string, profession: string) => `vardrum.draft.${clinic}.${profession}`;

function read(at: string): Draft {
  try {
    return { ...EMPTY, ...(JSON.parse(sessionStorage.getItem(at) ?? "{}") as Partial<Draft>) };
  } catch {
    return EMPTY;
  }
}

export function dropDraft(clinic: string, profession: string): void {
  sessionStorage.removeItem(place(clinic, profession));
}

/**
 * What somebody has written so far. It survives a reload but not the tab: these are words about
 * one's health, and the computer may be the library's.
 */
export function useDraft(clinic: string, profession: string) {
  const at = place(clinic, profession);
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
  return [draft, change] as const;
}
