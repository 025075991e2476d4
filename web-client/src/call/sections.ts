/** The sections of the server's offer, which are the same in every call: one for each thing to send,
 * and for each of five others one for the sound and one for the picture. `signaling/media/slots.py`.
 */

export const PEERS = 5;

/** What one sends, by mid. */
const UP = { audio: "0", video: "1", screen: "2" } as const;
export type Sent = keyof typeof UP;

export function sentIn(mid: string | null): Sent | null {
  return (Object.keys(UP) as Sent[]).find((kind) => UP[kind] === mid) ?? null;
}

/** The slot whose sound or picture comes in this section; `screen` for the one that is shared. */
export function slotOf(mid: string | null): number | "screen" | null {
  const at = mid === null ? NaN : Number(mid) - 3;
  if (!(at >= 0 && at <= 2 * PEERS)) return null;
  return at === 2 * PEERS ? "screen" : at % PEERS;
}
