/** Who in a visit signs or reads, by the server's word. Pure. */
import type { Seating } from "../../wire/generated";
import type { Communication } from "../../wire/types";

export interface Need {
  readonly id: string;
  /** Null for oneself. */
  readonly name: string | null;
  readonly communication: Exclude<Communication, "speech">;
  /** One can write to them in the chat. */
  readonly chat: boolean;
}

interface Known {
  readonly seating: Seating | null;
  /** Of the patient the visit knows also before the call; null where only the call tells. */
  readonly patient: { readonly name: string | null; readonly communication: Communication } | null;
  /** Of a guest, whom the seats do not show to herself. */
  readonly own?: Communication;
  /** The reader has the chat. */
  readonly chat: boolean;
}

export function needsOf({ seating, patient, own = "speech", chat }: Known): Need[] {
  const needs: Need[] = [];
  const add = (id: string, name: string | null, how: Communication, writes: boolean): void => {
    if (how !== "speech") needs.push({ id, name, communication: how, chat: writes });
  };
  add("own", null, own, false);
  if (patient !== null) add("patient", patient.name, patient.communication, chat);
  for (const seat of seating?.slots ?? []) {
    if (seat === null || (seat.role === "patient" && patient !== null)) continue;
    add(seat.participant_id, seat.name, seat.communication, chat && seat.role === "patient");
  }
  return needs;
}
