/** Who is in the call beside oneself, by the server's word. Pure. */
import type { Seat, Seating } from "../../wire/generated";
import type { Viewer } from "./viewer";

/** Somebody else in the call, and the slot in which sound and picture come. */
export interface Other {
  readonly id: string;
  readonly slot: number;
  readonly seat: Seat;
}

export function othersIn(seating: Seating | null): readonly Other[] {
  return (seating?.slots ?? []).flatMap((seat, slot) =>
    seat === null ? [] : [{ id: seat.participant_id, slot, seat }],
  );
}

/** There is more to see than the one whom the visit is with. */
export function isCrowd({ theOther }: Pick<Viewer, "theOther">, seating: Seating | null): boolean {
  const others = othersIn(seating);
  if (others.length === 0) return false;
  return (
    others.length > 1 ||
    seating?.screen != null ||
    others.some(({ seat }) => seat.role !== theOther)
  );
}
