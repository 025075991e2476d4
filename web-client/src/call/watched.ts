/** Whether anybody takes the picture of one's camera, by the server's word of the others. Pure. */
import type { Seat, Seating } from "../wire/generated";

/** On sound only, or on hold: the relay sends them no camera's picture. */
function takes({ pictures_wanted, on_hold_since }: Seat): boolean {
  return pictures_wanted && on_hold_since === null;
}

/** Who is alone sends as ever: whoever comes is to see them at once. */
export function isWatched({ slots }: Pick<Seating, "slots">): boolean {
  const others = slots.filter((seat) => seat !== null);
  return others.length === 0 || others.some(takes);
}
