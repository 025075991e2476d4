/**
 * The least of each that makes the word for a line: the part of the packets that is lost, seconds there
 * and back. The relay and the visit's record use the same (`tests/contract/test_line_words.py`).
 */
export const LEAST = {
  bad: { loss: 0.12, roundTrip: 0.9 },
  weak: { loss: 0.04, roundTrip: 0.4 },
} as const;
