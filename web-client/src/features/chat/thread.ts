/**
 * A conversation as this browser knows it: what has come, what is on its way, what is missing.
 *
 * Pure. The server numbers the messages of a visit 1, 2, 3 …; pushes may be lost, doubled or
 * late, and acks too. Whatever order things come in, a message stands once and in its place.
 */
import type { Message } from "../../wire/types";

/** `refused`: the server will never take it (the visit has ended). The text is still there. */
type UnsentState = "sending" | "waiting" | "refused";

export interface Unsent {
  readonly clientId: string;
  readonly body: string;
  readonly writtenAt: string;
  readonly state: UnsentState;
  /** The dotted code of a refusal. */
  readonly code: string | null;
}

export interface Thread {
  /** By `seq`, rising, each once; there may be holes above `read`. */
  readonly messages: readonly Message[];
  /** Everything up to and including this number has come. */
  readonly upTo: number;
  /** The highest number anybody has told of. */
  readonly known: number;
  /** In the order they were written. */
  readonly unsent: readonly Unsent[];
}

export const EMPTY_THREAD: Thread = { messages: [], upTo: 0, known: 0, unsent: [] };

export const LONGEST = 4_000;
/** From here on the number of characters left is shown. */
export const NEAR_LONGEST = 3_600;

function contiguous(messages: readonly Message[], from: number): number {
  let upTo = from;
  for (const message of messages) {
    if (message.seq <= upTo) continue;
    if (message.seq !== upTo + 1) break;
    upTo = message.seq;
  }
  return upTo;
}

/** Takes in messages from a push, an ack or a page, in any order and any number of times. */
export function receive(thread: Thread, incoming: readonly Message[], lastSeq = 0): Thread {
  const have = new Set(thread.messages.map((message) => message.seq));
  const fresh: Message[] = [];
  for (const message of incoming) {
    if (have.has(message.seq)) continue;
    have.add(message.seq);
    fresh.push(message);
  }
  const highest = incoming.reduce((top, message) => Math.max(top, message.seq), lastSeq);
  const known = Math.max(thread.known, highest);
  const came = new Set(incoming.map((message) => message.client_id));
  const unsent = thread.unsent.some((one) => came.has(one.clientId))
    ? thread.unsent.filter((one) => !came.has(one.clientId))
    : thread.unsent;
  if (fresh.length === 0 && known === thread.known && unsent === thread.unsent) return thread;
  const messages =
    fresh.length === 0
      ? thread.messages
      : [...thread.messages, ...fresh].sort((a, b) => a.seq - b.seq);
  return { messages, upTo: contiguous(messages, thread.upTo), known, unsent };
}

/** Somebody (the heartbeat, a changed visit) says how far the conversation has come. */
export function hear(thread: Thread, lastSeq: number): Thread {
  return lastSeq > thread.known ? { ...thread, known: lastSeq } : thread;
}

/** The number to fetch after, or null when nothing is missing. */
export function missingAfter(thread: Thread): number | null {
  return thread.known > thread.upTo ? thread.upTo : null;
}

export function write(thread: Thread, clientId: string, body: string, writtenAt: string): Thread {
  if (thread.unsent.some((one) => one.clientId === clientId)) return thread;
  const one: Unsent = { clientId, body, writtenAt, state: "waiting", code: null };
  return { ...thread, unsent: [...thread.unsent, one] };
}

function change(thread: Thread, clientId: string, to: Partial<Unsent>): Thread {
  return {
    ...thread,
    unsent: thread.unsent.map((one) => (one.clientId === clientId ? { ...one, ...to } : one)),
  };
}

export function markSending(thread: Thread, clientId: string): Thread {
  return change(thread, clientId, { state: "sending", code: null });
}

export function markWaiting(thread: Thread, clientId: string): Thread {
  return change(thread, clientId, { state: "waiting", code: null });
}

export function markRefused(thread: Thread, clientId: string, code: string): Thread {
  return change(thread, clientId, { state: "refused", code });
}

export function discard(thread: Thread, clientId: string): Thread {
  return { ...thread, unsent: thread.unsent.filter((one) => one.clientId !== clientId) };
}

/** One at a time and in the order written: the oldest that may still be taken. */
export function nextToSend(thread: Thread): Unsent | null {
  if (thread.unsent.some((one) => one.state === "sending")) return null;
  return thread.unsent.find((one) => one.state === "waiting") ?? null;
}

export type BodyFault = "empty" | "too_long";

export function bodyFault(text: string): BodyFault | null {
  const body = text.trim();
  if (body === "") return "empty";
  return lengthOf(body) > LONGEST ? "too_long" : null;
}

/** The server counts code points, not UTF-16 units. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}
