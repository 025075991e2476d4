/**
 * What a device does to a frame of sound or picture before it leaves, and undoes when one comes.
 *
 *     head, as it was ‖ AES-256-GCM of the rest ‖ tag 16 ‖ counter 4 ‖ key id 4 ‖ head's length 1 ‖ mark 4
 *
 * In the manner of SFrame (RFC 9605): a key of the sender, a counter for the nonce, the header
 * authenticated. What SFrame puts in front stands behind, because a VP8 frame must begin as one:
 * browsers and the relay read there whether it is a keyframe (RFC 7741 section 4.3).
 */
import { type Bytes, derived, parted } from "./bytes";

export type Kind = "audio" | "video" | "screen";
const KINDS = ["audio", "video", "screen"] as const satisfies readonly Kind[];

export const SECRET_BYTES = 32;
const KEY = 32;
const NONCE = 12;
const TAG = 16;
const MARK = 0xd276_4b01;
const TRAILER = 4 + 4 + 1 + 4;
/** A VP8 keyframe's tag, start code and dimensions (RFC 6386 section 9.1); of others the tag. */
const KEYFRAME_HEAD = 10;
const FRAME_HEAD = 3;
const LAST_COUNTER = 0xffff_ffff;

function headOf(kind: Kind, frame: Bytes): number {
  const first = frame[0];
  // An Opus frame is only carried, by browsers as by the relay, and may be hidden whole.
  if (kind === "audio" || first === undefined) return 0;
  return Math.min((first & 1) === 0 ? KEYFRAME_HEAD : FRAME_HEAD, frame.length);
}

interface KindKey {
  readonly key: CryptoKey;
  readonly salt: Bytes;
}

/** What comes of a sender's secret: a key for each kind, so that none takes another's place. */
export class FrameKey {
  private constructor(
    readonly secret: Bytes,
    readonly id: number,
    private readonly kinds: Readonly<Record<Kind, KindKey>>,
  ) {}

  static async of(secret: Bytes): Promise<FrameKey> {
    const [audio, video, screen] = await Promise.all(
      KINDS.map(async (kind): Promise<KindKey> => {
        const bits = await derived(secret, parted("vardrum frame key 1", kind), KEY + NONCE);
        const usages: KeyUsage[] = ["encrypt", "decrypt"];
        const raw = bits.slice(0, KEY);
        const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, usages);
        return { key, salt: bits.slice(KEY) };
      }),
    );
    if (!audio || !video || !screen) throw new Error("a key for each kind");
    const id = await derived(secret, parted("vardrum frame key id 1"), 4);
    return new FrameKey(secret, new DataView(id.buffer).getUint32(0), { audio, video, screen });
  }

  /** The cipher for one frame: its own nonce, and all that stays readable authenticated with it. */
  cipher(kind: Kind, counter: number, readable: Bytes): { how: AesGcmParams; key: CryptoKey } {
    const { key, salt } = this.kinds[kind];
    const iv = salt.slice();
    const view = new DataView(iv.buffer);
    view.setUint32(NONCE - 4, (view.getUint32(NONCE - 4) ^ counter) >>> 0);
    return { how: { name: "AES-GCM", iv, additionalData: readable }, key };
  }
}

/** Hides frames under one key; its counters make sure that no nonce is used twice. */
export class Sealer {
  readonly #next: Record<Kind, number>;

  /** `from`: where the counters begin, for tests of where they end. */
  constructor(
    readonly key: FrameKey,
    from = 0,
  ) {
    this.#next = { audio: from, video: from, screen: from };
  }

  async seal(kind: Kind, frame: Bytes): Promise<Bytes> {
    const counter = this.#next[kind];
    if (counter > LAST_COUNTER) throw new Error("the key is used up");
    // Before anything is waited for: the next frame may come meanwhile.
    this.#next[kind] = counter + 1;
    const head = headOf(kind, frame);
    const readable = new Uint8Array(head + TRAILER);
    readable.set(frame.subarray(0, head));
    const view = new DataView(readable.buffer, head);
    view.setUint32(0, counter);
    view.setUint32(4, this.key.id);
    view.setUint8(8, head);
    view.setUint32(9, MARK);
    const { how, key } = this.key.cipher(kind, counter, readable);
    const hidden = await crypto.subtle.encrypt(how, key, frame.subarray(head));
    const sealed = new Uint8Array(readable.length + hidden.byteLength);
    sealed.set(readable.subarray(0, head));
    sealed.set(new Uint8Array(hidden), head);
    sealed.set(readable.subarray(head), head + hidden.byteLength);
    return sealed;
  }
}

/** A frame that says of itself that it is hidden, taken apart. */
export interface Sealed {
  readonly id: number;
  readonly counter: number;
  readonly readable: Bytes;
  readonly hidden: Bytes;
}

/** Null for a frame that is in the clear, or looks so. */
export function takeApart(frame: Bytes): Sealed | null {
  const end = frame.length - TRAILER;
  if (end < TAG) return null;
  const view = new DataView(frame.buffer, frame.byteOffset + end, TRAILER);
  const head = view.getUint8(8);
  if (view.getUint32(9) !== MARK || head > KEYFRAME_HEAD || end < head + TAG) return null;
  const readable = new Uint8Array(head + TRAILER);
  readable.set(frame.subarray(0, head));
  readable.set(frame.subarray(end), head);
  const hidden = frame.subarray(head, end);
  return { id: view.getUint32(4), counter: view.getUint32(0), readable, hidden };
}

/** Which of a sender's frames have come: each is shown once, also if somebody sends it again. */
class Seen {
  static readonly WIDTH = 512;
  readonly #at = new Float64Array(Seen.WIDTH).fill(-1);
  #highest: number;

  /** `after`: the last one of which it is known that it came. */
  constructor(private readonly after: number) {
    this.#highest = after;
  }

  get highest(): number {
    return this.#highest;
  }

  has(counter: number): boolean {
    const old = counter <= this.after || counter <= this.#highest - Seen.WIDTH;
    return old || this.#at[counter % Seen.WIDTH] === counter;
  }

  add(counter: number): void {
    this.#at[counter % Seen.WIDTH] = counter;
    this.#highest = Math.max(this.#highest, counter);
  }
}

/** The counter of the newest frame of each kind; -1 for none. */
export type Last = Readonly<Record<Kind, number>>;
const NONE: Last = { audio: -1, video: -1, screen: -1 };

/** Reads what was hidden under one key of somebody else. */
export class Opener {
  readonly #seen: Readonly<Record<Kind, Seen>>;

  /** The second: what came last when the key was held before; none of it is shown again. */
  constructor(
    readonly key: FrameKey,
    { audio, video, screen }: Last = NONE,
  ) {
    this.#seen = { audio: new Seen(audio), video: new Seen(video), screen: new Seen(screen) };
  }

  /** What has come last of each kind. */
  get last(): Last {
    const { audio, video, screen } = this.#seen;
    return { audio: audio.highest, video: video.highest, screen: screen.highest };
  }

  /** The frame as it was, or null: changed on the way, of another kind, or come before. */
  async open(kind: Kind, { counter, readable, hidden }: Sealed): Promise<Bytes | null> {
    const seen = this.#seen[kind];
    if (seen.has(counter)) return null;
    const { how, key } = this.key.cipher(kind, counter, readable);
    const shown = await crypto.subtle.decrypt(how, key, hidden.slice()).catch(() => null);
    // Only what is genuine counts as seen, and two may have been read at a time.
    if (shown === null || seen.has(counter)) return null;
    seen.add(counter);
    const head = readable.length - TRAILER;
    const frame = new Uint8Array(head + shown.byteLength);
    frame.set(readable.subarray(0, head));
    frame.set(new Uint8Array(shown), head);
    return frame;
  }
}
