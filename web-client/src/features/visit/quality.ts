/** Everybody's connection in words: whose, and what is worth reading out. Pure. */
import type { Line } from "../../wire/generated";

export type Word = Line["word"];

/** "Astrids", "Hans"; "Astrid's". */
export function whose(name: string, language: string): string {
  if (language === "en") return `${name}’s`;
  return /[sxz]$/i.test(name) ? name : `${name}s`;
}

export interface Turned {
  readonly id: string;
  readonly word: "bad" | "good";
}

/**
 * Who turned bad, or is good again after having been so. In between nothing is said: who wavers
 * between good and weak has nothing to tell, and who goes from bad to weak is not well yet.
 */
export function turns(
  bad: ReadonlySet<string>,
  lines: ReadonlyMap<string, Word>,
): { bad: ReadonlySet<string>; turned: readonly Turned[] } {
  const next = new Set([...bad].filter((id) => lines.has(id)));
  const turned: Turned[] = [];
  for (const [id, word] of lines) {
    if (word === "bad" && !next.has(id)) {
      next.add(id);
      turned.push({ id, word });
    } else if (word === "good" && next.delete(id)) {
      turned.push({ id, word });
    }
  }
  return { bad: next, turned };
}
