/** What one device tells another: where it stands, whole, so that any message may be lost. */
import { SECRET_BYTES } from "./frames";
import { type Bytes, fromText, toText } from "./bytes";
import type { Said } from "./round";

export interface Told {
  /** The secret of the newest key that the sender's frames are, or will be, hidden under. */
  readonly secret: Bytes;
  /** The id of the newest such key of the receiver's that the sender holds. */
  readonly have: number | null;
  readonly said: Said;
  /** Something is missing: say where you stand. */
  readonly asks: boolean;
}

/** The same text for the same standing: so it is seen whether there is anything new to tell. */
export function written({ secret, have, said, asks }: Told): string {
  return JSON.stringify({ secret: toText(secret), have, ...said, asks });
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Null for what is not written so: another release, or a fault. */
export function read(text: string): Told | null {
  try {
    const { secret, have, round, commitment, number, asks } = JSON.parse(text) as Readonly<
      Record<string, unknown>
    >;
    if (!isText(secret) || !isText(round) || !isText(commitment)) return null;
    if (have !== null && !Number.isInteger(have)) return null;
    if (number !== null && !isText(number)) return null;
    const bytes = fromText(secret);
    if (bytes.length !== SECRET_BYTES) return null;
    return {
      secret: bytes,
      have: have as number | null,
      said: { round, commitment, number },
      asks: asks === true,
    };
  } catch {
    return null;
  }
}
