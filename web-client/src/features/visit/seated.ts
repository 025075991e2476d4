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

/** One's own link is too thin for this picture just now. The pictures of who signs go last. */
export function isHeld(seating: Seating | null, seat: Seat | null): boolean {
  if (seating === null || seat === null) return false;
  return seat.communication === "signs" ? seating.signers_held : seating.pictures_held;
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
