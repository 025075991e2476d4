/** Whose hands are to be seen, of all who are there. Pure. */
import type { Other } from "../seated";

/**
 * Who hears follows the person who signs, whose words come by an interpreter's voice; who does not
 * hear follows the interpreter.
 */
export function signerOf(others: readonly Other[], hears: boolean): string | null {
  const signing = others.filter(
    ({ seat }) => seat.communication === "signs" && seat.camera_on && seat.on_hold_since === null,
  );
  const first = signing.find(({ seat }) => (seat.role === "interpreter") !== hears);
  return (first ?? signing[0])?.id ?? null;
}
