// @vitest-environment node
import { describe, expect, it } from "vitest";
import { dice } from "../testing/dice";
import { type Bytes, random } from "./bytes";
import { FrameKey, type Kind, Opener, Sealer, SECRET_BYTES, takeApart } from "./frames";
import { noncesOf } from "./testing/nonces";

const KINDS = ["audio", "video", "screen"] as const;

async function pair(): Promise<{ sealer: Sealer; opener: Opener }> {
  const secret = random(SECRET_BYTES);
  return {
    sealer: new Sealer(await FrameKey.of(secret)),
    opener: new Opener(await FrameKey.of(secret)),
  };
}

async function opened(opener: Opener, kind: Kind, frame: Bytes): Promise<Bytes | null> {
  const sealed = takeApart(frame);
  return sealed === null ? null : await opener.open(kind, sealed);
}

/** A VP8 frame of that many octets; the first bit says whether it needs none before it. */
function picture(size: number, whole: boolean): Bytes {
  const frame = random(size);
  frame[0] = whole ? 0x10 : 0x11;
  return frame;
}

describe("a hidden frame", () => {
  it("comes out as it went in, whatever its size and kind", async () => {
    const { sealer, opener } = await pair();
    for (const kind of KINDS) {
      for (const size of [1, 2, 3, 4, 9, 10, 11, 40, 1_200, 60_000]) {
        for (const whole of [true, false]) {
          const frame = picture(size, whole);
          const sealed = await sealer.seal(kind, frame.slice());
          expect(await opened(opener, kind, sealed)).toEqual(frame);
        }
      }
    }
  });

  it("shows a VP8 frame's head, and nothing else of it", async () => {
    const { sealer } = await pair();
    for (const [kind, whole, head] of [
      ["video", true, 10],
      ["video", false, 3],
      ["screen", true, 10],
      ["audio", true, 0],
    ] as const) {
      // Long enough that no run of eight octets comes by chance.
      const frame = picture(2_000, whole);
      const sealed = await sealer.seal(kind, frame);
      expect(sealed.subarray(0, head)).toEqual(frame.subarray(0, head));
      const runs = new Set<string>();
      for (let at = head; at + 8 <= frame.length; at += 1) runs.add(frame.slice(at, at + 8).join());
      for (let at = 0; at + 8 <= sealed.length; at += 1) {
        expect(runs.has(sealed.slice(at, at + 8).join())).toBe(false);
      }
    }
  });

  it("is refused when a single bit of it is another, wherever", async () => {
    const { sealer, opener } = await pair();
    const sealed = await sealer.seal("video", picture(60, true));
    for (let bit = 0; bit < 8 * sealed.length; bit += 1) {
      const changed = sealed.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      // Another key's id is no matter of this key, and without the mark it is no hidden frame.
      expect(await opened(opener, "video", changed)).toBeNull();
    }
    expect(await opened(opener, "video", sealed)).not.toBeNull();
  });

  it("opens under no other key, and in no other kind's place", async () => {
    const { sealer, opener } = await pair();
    const stranger = await pair();
    const sealed = await sealer.seal("video", picture(500, true));
    expect(await opened(stranger.opener, "video", sealed)).toBeNull();
    expect(await opened(opener, "screen", sealed)).toBeNull();
    expect(await opened(opener, "audio", sealed)).toBeNull();
    expect(await opened(opener, "video", sealed)).not.toBeNull();
  });

  it("is shown once, late or not, and never again", async () => {
    const { sealer, opener } = await pair();
    const sealed: Bytes[] = [];
    for (let count = 0; count < 600; count += 1) sealed.push(await sealer.seal("audio", random(5)));
    const [first, second, third] = sealed;
    if (!first || !second || !third) throw new Error("three frames");
    for (const frame of [second, first, third]) {
      expect(await opened(opener, "audio", frame)).not.toBeNull();
      expect(await opened(opener, "audio", frame)).toBeNull();
    }
    for (const frame of sealed.slice(4)) await opened(opener, "audio", frame);
    for (const frame of sealed) {
      // The fourth was never shown, and now is too late to tell whether it was.
      expect(await opened(opener, "audio", frame)).toBeNull();
    }
    const twice = await sealer.seal("audio", random(5));
    const shown = await Promise.all([1, 2].map(() => opened(opener, "audio", twice)));
    expect(shown.filter((each) => each !== null)).toHaveLength(1);
  });

  it("never has a nonce that another has under the same key", async () => {
    const nonces = noncesOf();
    const { sealer } = await pair();
    const frames = KINDS.flatMap((kind) => Array.from({ length: 300 }, () => kind));
    await Promise.all(frames.map((kind) => sealer.seal(kind, random(20))));
    expect(nonces.count).toBe(900);
    expect(nonces.repeated).toEqual([]);
  });

  it("is not made when the counter has come to its end", async () => {
    const sealer = new Sealer(await FrameKey.of(random(SECRET_BYTES)), 0xffff_ffff);
    await sealer.seal("video", picture(20, true));
    await expect(sealer.seal("video", picture(20, false))).rejects.toThrow("used up");
  });

  it("is what noise is not", async () => {
    const { sealer, opener } = await pair();
    const real = await sealer.seal("video", picture(100, true));
    const roll = dice(21);
    for (let round = 0; round < 3_000; round += 1) {
      // Every second begins with a part of a real one, every third has its end.
      const part = real.slice(0, round % 2 === 0 ? roll.below(real.length) : 0);
      const noise = new Uint8Array([...part, ...random(roll.below(60))]);
      const end = real.slice(-13);
      const frame = new Uint8Array([...noise, ...(round % 3 === 0 ? end : [])]);
      expect(await opened(opener, "video", frame)).toBeNull();
    }
  });
});
