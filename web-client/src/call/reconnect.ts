/**
 * When the connection breaks: what to do, and what to say, as a table of times.
 *
 * Browsers say `disconnected` after about 5 s of silence and `failed` after 15 s. An ICE restart
 * under the same DTLS session is cheapest and mends a changed network, so it comes first; a new
 * connection mends what a restart cannot; chat is where nobody is left alone.
 */
import type { SocketState, Trouble } from "./model";

export const TIMES = {
  /** Shorter breaks are not worth a word. */
  silent: 2_000,
  /** From here on the page says that it reconnects. */
  show: 5_000,
  /** From here on it offers sound only, or chat. */
  offer: 15_000,
  /** From here on restarts are given up for new connections. */
  renew: 25_000,
  /** Chat takes over from a call that worked. */
  giveUp: 40_000,
  /** Chat takes over from a call that never came about. */
  giveUpFirst: 15_000,
  /** So long it is tried with a socket that is back, however long the network was gone. */
  tryBack: 15_000,
  restartEvery: 4_000,
  joinEvery: 6_000,
  /** After a refusal (no worker just now, or the answer never came). */
  joinAgain: 2_000,
} as const;

export interface Circumstances {
  readonly trouble: Trouble;
  readonly socket: SocketState;
  readonly socketSince: number;
  readonly connectedOnce: boolean;
}

export type NextStep = "wait" | "restart" | "join" | "give_up";

function past(when: number | null, wait: number, now: number): boolean {
  return when === null || now - when >= wait;
}

/** The one thing to do now. Asking again at any time is harmless: intervals are part of it. */
export function nextStep(
  { trouble, socket, socketSince, connectedOnce }: Circumstances,
  now: number,
): NextStep {
  const elapsed = now - trouble.since;
  const late = elapsed >= (connectedOnce ? TIMES.giveUp : TIMES.giveUpFirst);
  // Offers travel over the socket; without it there is nobody to ask.
  switch (socket) {
    case "down":
      // The network is gone, and the chat with it: there is nothing to change to.
      return "wait";
    case "blocked":
      // What flows may come back by itself; what never flowed cannot even be asked for.
      return late || !connectedOnce ? "give_up" : "wait";
    case "up":
  }
  if (late && now - socketSince >= TIMES.tryBack) return "give_up";
  if (trouble.asking) return "wait";

  switch (trouble.link) {
    case "lost":
      return past(trouble.joinAt, TIMES.joinAgain, now) ? "join" : "wait";
    case "waiting":
      return connectedOnce && past(trouble.joinAt, TIMES.joinEvery, now) ? "join" : "wait";
    case "failed":
    case "disconnected":
    case "quiet": {
      // Browsers take a restart after `failed`, too, and it is there before a new connection is;
      // one that never worked, or is new itself, has nothing worth restarting.
      const spent = trouble.link === "failed" && (!connectedOnce || trouble.joinAt !== null);
      if (spent || elapsed >= TIMES.renew) {
        return past(trouble.joinAt, TIMES.joinEvery, now) ? "join" : "wait";
      }
      return past(trouble.restartAt, TIMES.restartEvery, now) ? "restart" : "wait";
    }
  }
}

/** How much of the trouble the person is told. `brief` dims the quality word, nothing more. */
export type Shown = "nothing" | "brief" | "reconnecting" | "offers";

export function shownTrouble(trouble: Trouble | null, now: number): Shown {
  if (trouble === null) return "nothing";
  const elapsed = now - trouble.since;
  if (elapsed < TIMES.silent) return "nothing";
  if (elapsed < TIMES.show) return "brief";
  return elapsed < TIMES.offer ? "reconnecting" : "offers";
}
