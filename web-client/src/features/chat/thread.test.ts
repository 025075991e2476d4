import { describe, expect, it } from "vitest";
import type { Message } from "../../wire/types";
import {
  bodyFault,
  EMPTY_THREAD,
  hear,
  LONGEST,
  markRefused,
  markSending,
  missingAfter,
  nextToSend,
  receive,
  write,
} from "./thread";

function message(seq: number, clientId: string | null = null): Message {
  return {
    visit_id: "v",
    seq,
    client_id: clientId,
    sender: "clinician",
    sender_name: "Eva Lind",
    body: `nr ${String(seq)}`,
    sent_at: "2026-01-01T10:00:00Z",
  };
}

function seqs(messages: readonly Message[]): number[] {
  return messages.map((one) => one.seq);
}

describe("what comes in", () => {
  it("stands in order and once, however it comes", () => {
    const thread = receive(receive(EMPTY_THREAD, [message(3), message(1)]), [
      message(3),
      message(2),
    ]);
    expect(seqs(thread.messages)).toEqual([1, 2, 3]);
    expect(missingAfter(thread)).toBeNull();
  });

  it("shows a gap, from a message or from hearsay", () => {
    const gap = receive(EMPTY_THREAD, [message(1), message(4)]);
    expect(missingAfter(gap)).toBe(1);
    expect(missingAfter(hear(receive(EMPTY_THREAD, [message(1)]), 2))).toBe(1);
    expect(missingAfter(receive(gap, [message(2), message(3)]))).toBeNull();
  });

  it("is the same thread when nothing is new", () => {
    const thread = receive(EMPTY_THREAD, [message(1)]);
    expect(receive(thread, [message(1)])).toBe(thread);
  });

  it("clears what was waiting, also when the push beats the ack", () => {
    const waiting = write(EMPTY_THREAD, "a", "hej", "2026-01-01T10:00:00Z");
    expect(receive(waiting, [message(1, "a")]).unsent).toEqual([]);
  });
});

describe("what goes out", () => {
  const two = write(
    write(EMPTY_THREAD, "a", "först", "2026-01-01T10:00:00Z"),
    "b",
    "sedan",
    "2026-01-01T10:00:01Z",
  );

  it("goes one at a time and in order", () => {
    expect(nextToSend(two)?.clientId).toBe("a");
    expect(nextToSend(markSending(two, "a"))).toBeNull();
  });

  it("is not held up by what was refused", () => {
    expect(nextToSend(markRefused(two, "a", "visit.closed"))?.clientId).toBe("b");
  });

  it.each([
    ["", "empty"],
    [" \n ", "empty"],
    ["hej", null],
    ["a".repeat(LONGEST), null],
    ["a".repeat(LONGEST + 1), "too_long"],
    ["🙂".repeat(LONGEST), null],
  ] as const)("a body of %j is %s", (text, fault) => {
    expect(bodyFault(text)).toBe(fault);
  });
});
