/**
 * The copy of an unsaved note, in this tab's session storage: it survives a reload and a crash of
 * the page, and is gone with the tab, so that no patient's text stays on a shared computer.
 */
import type { Stored } from "./draft";
import type { CopyStore } from "./keeper";

const PREFIX = "vardrum.note.";

export function copiesOf(accountId: string, visitId: string, storage: Storage): CopyStore {
  const key = `${PREFIX}${accountId}.${visitId}`;
  return {
    read: () => attempt(() => parse(storage.getItem(key))) ?? null,
    write: (copy) => {
      attempt(() => {
        storage.setItem(key, JSON.stringify(copy));
      });
    },
    clear: () => {
      attempt(() => {
        storage.removeItem(key);
      });
    },
  };
}

/** At log-out: what the server has is safe, and nothing else should stay. */
export function forgetCopies(storage: Storage): void {
  attempt(() => {
    for (const key of Object.keys(storage)) {
      if (key.startsWith(PREFIX)) storage.removeItem(key);
    }
  });
}

function parse(raw: string | null): Stored | null {
  if (raw === null) return null;
  const value: unknown = JSON.parse(raw);
  if (typeof value !== "object" || value === null) return null;
  if (!("text" in value) || !("version" in value)) return null;
  const { text, version } = value;
  return typeof text === "string" && typeof version === "number" ? { text, version } : null;
}

/** Storage may be full or forbidden; then the server's copy is the only one. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
