/** The way of one sender's or receiver's frames through the worker. */
import type { Bytes } from "./bytes";
import type { Kind } from "./frames";

/** RTCEncodedAudioFrame, RTCEncodedVideoFrame (W3C WebRTC Encoded Transform). */
export interface Frame {
  data: ArrayBuffer;
}

/** RTCRtpScriptTransformer of the same; not every browser has both requests. */
export interface Transformer {
  readonly readable: ReadableStream<Frame>;
  readonly writable: WritableStream<Frame>;
  readonly options: unknown;
  readonly generateKeyFrame?: () => Promise<unknown>;
  readonly sendKeyFrameRequest?: () => Promise<unknown>;
}

export interface Way {
  readonly leg: number;
  readonly kind: Kind;
  /** Outwards, or the slot whose sound or picture comes in. */
  readonly slot: "out" | "screen" | number;
}

export interface PipePorts {
  /** The frame that goes on instead; null for none. */
  readonly turn: (frame: Bytes) => Promise<Bytes | null>;
  /** What goes on instead of a frame is about to; null for none. */
  readonly turned: (after: Bytes | null) => void;
  readonly now: () => number;
}

const ASK_AGAIN_MS = 500;

/** A VP8 frame that needs none before it says so in its first bit (RFC 6386 section 9.1). */
function isWhole(frame: Bytes): boolean {
  return ((frame[0] ?? 1) & 1) === 0;
}

/** After a picture that got lost here the next ones are of no use, until one is whole again. */
class Mending {
  #broken = false;
  #askedAt = -Infinity;

  constructor(
    private readonly ask: () => Promise<unknown> | undefined,
    private readonly now: () => number,
  ) {}

  saw(through: boolean, frame: Bytes): void {
    if (!through) this.#broken = true;
    else if (this.#broken && isWhole(frame)) this.#broken = false;
    else if (this.#broken && this.now() - this.#askedAt >= ASK_AGAIN_MS) {
      this.#askedAt = this.now();
      // Refused between two tracks, say; then the next frame asks again.
      void this.ask()?.catch(() => undefined);
    }
  }
}

/** Until the stream ends. A fault with one frame costs that frame: nothing passes untouched. */
export function pipe(transformer: Transformer, way: Way, ports: PipePorts): Promise<void> {
  const mending = new Mending(
    () =>
      way.slot === "out" ? transformer.generateKeyFrame?.() : transformer.sendKeyFrameRequest?.(),
    ports.now,
  );
  const through = new TransformStream<Frame, Frame>({
    transform: async (frame, controller) => {
      const before = new Uint8Array(frame.data);
      // A frame that was left out: nothing to hide, and nothing to show.
      const after = before.length === 0 ? before : await ports.turn(before).catch(() => null);
      if (way.kind !== "audio")
        mending.saw(after !== null, way.slot === "out" ? before : (after ?? before));
      ports.turned(after);
      if (after === null) return;
      if (after !== before) frame.data = after.buffer;
      controller.enqueue(frame);
    },
  });
  return transformer.readable.pipeThrough(through).pipeTo(transformer.writable);
}
