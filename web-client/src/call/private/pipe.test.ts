// @vitest-environment node
import { describe, expect, it } from "vitest";
import type { Bytes } from "./bytes";
import { type Frame, pipe, type Transformer, type Way } from "./pipe";

const WHOLE = 0x10;
const DELTA = 0x11;

/** Frames through a pipe, and what came of each; a turn of 600 ms between them. */
async function through(
  way: Omit<Way, "leg">,
  frames: readonly number[],
  turn: (frame: Bytes, at: number) => Promise<Bytes | null> | Bytes | null,
): Promise<{ out: number[]; asked: string[]; turned: boolean[] }> {
  const asked: string[] = [];
  const out: number[] = [];
  const turned: boolean[] = [];
  let [now, at] = [0, 0];
  const transformer: Transformer = {
    options: null,
    readable: new ReadableStream<Frame>({
      start: (stream) => {
        for (const first of frames) stream.enqueue({ data: new Uint8Array([first, 1, 2]).buffer });
        stream.close();
      },
    }),
    writable: new WritableStream<Frame>({
      write: ({ data }) => void out.push(new Uint8Array(data)[0] ?? -1),
    }),
    generateKeyFrame: () => {
      asked.push(`${at}: own`);
      return Promise.reject(new Error("no track"));
    },
    sendKeyFrameRequest: () => {
      asked.push(`${at}: theirs`);
      return Promise.resolve();
    },
  };
  await pipe(
    transformer,
    { leg: 1, ...way },
    {
      turn: async (frame) => {
        now += 600;
        return await turn(frame, ++at);
      },
      turned: (after) => turned.push(after !== null),
      now: () => now,
    },
  );
  return { out, asked, turned };
}

describe("the way of frames", () => {
  it("asks for a whole picture after one that could not be read, until it comes", async () => {
    const { out, asked, turned } = await through(
      { kind: "video", slot: 2 },
      [WHOLE, DELTA, DELTA, DELTA, DELTA, WHOLE, DELTA],
      (frame, at) => (at === 2 || at === 3 ? null : frame),
    );
    expect(turned).toEqual([true, false, false, true, true, true, true]);
    expect(out).toEqual([WHOLE, DELTA, DELTA, WHOLE, DELTA]);
    expect(asked).toEqual(["4: theirs", "5: theirs"]);
  });

  it("makes one's own picture whole after one that could not leave", async () => {
    const { asked } = await through(
      { kind: "screen", slot: "out" },
      [WHOLE, DELTA, WHOLE],
      (f, at) => (at === 1 ? null : f),
    );
    expect(asked).toEqual(["2: own"]);
  });

  it("lets nothing through untouched when something fails", async () => {
    const { out, turned } = await through(
      { kind: "audio", slot: "out" },
      [1, 2, 3],
      (frame, at) => {
        if (at === 2) throw new Error("failed");
        return new Uint8Array([frame[0] ?? 0, 9]);
      },
    );
    expect(out).toEqual([1, 3]);
    expect(turned).toEqual([true, false, true]);
  });
});
