/** Seats and seatings as the server tells them, with what a test cares about. */
import type { Seat, Seating } from "../../wire/generated";
import { GOOD } from "../quality";

export function seat(part: Partial<Seat> = {}): Seat {
  return {
    participant_id: "p",
    role: "clinician",
    name: "Kim",
    public_key: null,
    mic_on: true,
    camera_on: true,
    communication: "speech",
    line: GOOD,
    pictures_wanted: true,
    sound_first: false,
    on_hold_since: null,
    ...part,
  };
}

/** The first slots hold these; the others nobody. */
export function seating(seats: readonly (Seat | null)[], part: Partial<Seating> = {}): Seating {
  return {
    slots: [...seats, null, null, null, null, null].slice(0, 5),
    screen: null,
    pictures_held: false,
    signers_held: false,
    publish: { height: 720, bitrate: 1_700_000, frame_rate: 30, motion: false },
    line: GOOD,
    ...part,
  };
}
