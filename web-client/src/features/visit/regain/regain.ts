/**
 * The ladder's way up from the chat: the line is tried now and then, and video is proposed when it
 * has carried a picture twice in a row. Pure; times are milliseconds on any clock.
 */

export const TIMES = {
  /** Before it is tried; twice as long each time that it did not carry. */
  first: 20_000,
  most: 160_000,
  /** Between the two that must agree. */
  again: 10_000,
  /** An offer that nobody has answered is looked at anew after this. */
  stands: 60_000,
  /** After a "not now". */
  pause: 120_000,
} as const;

/** `unknown`: it could not be tried just now, and nothing is known of the line. */
export type Found = "good" | "poor" | "unknown";

export interface Regain {
  /** When the line is to be tried next. */
  readonly at: number;
  readonly good: number;
  /** How often in a row it did not carry, or a picture that was had again did not last. */
  readonly misses: number;
  readonly offered: boolean;
}

function after(misses: number): number {
  return Math.min(TIMES.first * 2 ** misses, TIMES.most);
}

export function begin(at: number, misses: number): Regain {
  return { at: at + after(misses), good: 0, misses, offered: false };
}

export function tried(before: Regain, found: Found, at: number): Regain {
  switch (found) {
    case "good": {
      const good = before.good + 1;
      const offered = before.offered || good >= 2;
      return { ...before, good, offered, at: at + (offered ? TIMES.stands : TIMES.again) };
    }
    case "poor":
      return begin(at, before.misses + 1);
    case "unknown":
      return { ...before, at: at + after(before.misses) };
  }
}

export function declined({ misses }: Regain, at: number): Regain {
  return { at: at + TIMES.pause, good: 0, misses, offered: false };
}
