import type { LiveAudience } from "./types";

/**
 * Where a request waits when its session has run out. The login dialog opens over the page; once
 * the same person is back the request goes again with the same idempotency key, so nobody loses
 * what they were doing. Known to `rest` and to the dialog, and to nobody else.
 */
type Outcome = "renewed" | "given_up";
type Listener = () => void;

const alive = new Set<LiveAudience>();
const waiting = new Map<LiveAudience, ((outcome: Outcome) => void)[]>();
const listeners = new Set<Listener>();

function changed(): void {
  for (const listener of listeners) listener();
}

export const sessionGate = {
  /** There is a session now: a later 401 means that it ended, not that there was none. */
  opened(audience: LiveAudience): void {
    alive.add(audience);
  },
  closed(audience: LiveAudience): void {
    alive.delete(audience);
  },
  isAlive: (audience: LiveAudience): boolean => alive.has(audience),
  isExpired: (audience: LiveAudience): boolean => waiting.has(audience),
  /** Opens the dialog without a request of its own: the socket was told that the session ended. */
  expire(audience: LiveAudience): void {
    if (!alive.has(audience) || waiting.has(audience)) return;
    waiting.set(audience, []);
    changed();
  },
  wait(audience: LiveAudience): Promise<Outcome> {
    sessionGate.expire(audience);
    return new Promise((resolve) => {
      const queue = waiting.get(audience);
      if (queue) queue.push(resolve);
      else resolve("given_up");
    });
  },
  settle(audience: LiveAudience, outcome: Outcome): void {
    const queue = waiting.get(audience) ?? [];
    waiting.delete(audience);
    if (outcome === "given_up") alive.delete(audience);
    changed();
    for (const resolve of queue) resolve(outcome);
  },
  subscribe: (listener: Listener): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
