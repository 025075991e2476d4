// @vitest-environment node
import { describe, expect, it } from "vitest";
import type { Kind } from "./frames";
import { type AllLeft, type AllPassed, Guard, leftOf, NOTHING_PASSED } from "./guard";

const SOUND = 100;
const PICTURE = 4_000;
const HIDDEN = 29;
const RATE: Readonly<Record<Kind, number>> = { audio: 50, video: 30, screen: 15 };
const KINDS = ["audio", "video", "screen"] as const;

/** A browser whose frames go through a worker, or around it; time in tenths of a second. */
class Browser {
  readonly guard = new Guard();
  readonly left: Record<Kind, { parts: number; bytes: number }> = {
    audio: { parts: 0, bytes: 0 },
    video: { parts: 0, bytes: 0 },
    screen: { parts: 0, bytes: 0 },
  };
  readonly passed: Record<Kind, typeof NOTHING_PASSED> = {
    audio: NOTHING_PASSED,
    video: NOTHING_PASSED,
    screen: NOTHING_PASSED,
  };
  sending: readonly Kind[] = ["audio", "video"];
  around: readonly Kind[] = [];
  /** The part of the frames that goes around. */
  share = 1;
  /** Without a network, sound waits in the browser, and so do pictures once hidden. */
  offline = false;
  #waiting: Record<Kind, number> = { audio: 0, video: 0, screen: 0 };
  #odd: Record<Kind, number> = { audio: 0, video: 0, screen: 0 };

  #size(kind: Kind): number {
    return kind === "audio" ? SOUND : PICTURE;
  }

  pass(tenths: number): void {
    for (let at = 0; at < tenths; at += 1) {
      for (const kind of this.sending) {
        const frames = RATE[kind] / 10;
        const due = this.around.includes(kind) ? frames * this.share + this.#odd[kind] : 0;
        const clear = Math.floor(due);
        this.#odd[kind] = due - clear;
        this.#through(kind, frames - clear);
        this.#leave(kind, clear, 0);
        if (kind !== "audio") this.left[kind].parts += frames;
      }
    }
  }

  #through(kind: Kind, frames: number): void {
    const size = this.#size(kind) + HIDDEN;
    const { seen, given, bytes } = this.passed[kind];
    this.passed[kind] = {
      seen: seen + frames,
      given: given + frames,
      bytes: bytes + frames * size,
    };
    this.#waiting[kind] += frames;
    if (this.offline) return;
    this.#leave(kind, this.#waiting[kind], HIDDEN);
    this.#waiting[kind] = 0;
  }

  #leave(kind: Kind, frames: number, more: number): void {
    if (kind === "audio") this.left.audio.parts += frames;
    // What each packet has of its own, and what probes the bandwidth.
    const own = kind === "audio" ? 0 : 24 + 100;
    this.left[kind].bytes += frames * (this.#size(kind) + more + own);
  }

  now(): [AllLeft, AllPassed] {
    return [structuredClone(this.left), structuredClone(this.passed)];
  }

  /** Tenths of a second until it is noticed; null for never. Looked at every 0.6 s. */
  noticed(tenths: number): number | null {
    for (let at = 1; at <= tenths; at += 1) {
      this.pass(1);
      if (at % 6 === 0 && this.guard.look(...this.now())) return at;
    }
    return null;
  }
}

describe("the guard of what leaves", () => {
  it("has nothing to say of a browser that hides all it sends", () => {
    const browser = new Browser();
    browser.sending = KINDS;
    expect(browser.noticed(600)).toBeNull();
  });

  it.each(KINDS)("notices within two seconds that a browser ignores the worker: %s", (kind) => {
    const browser = new Browser();
    browser.sending = [kind];
    browser.around = [kind];
    expect(browser.noticed(20)).toBeLessThanOrEqual(12);
  });

  it.each(KINDS)("notices it of one of several: %s", (kind) => {
    const browser = new Browser();
    browser.sending = KINDS;
    browser.around = [kind];
    expect(browser.noticed(20)).toBeLessThanOrEqual(12);
  });

  it.each(KINDS)("notices within two seconds when it begins in mid call: %s", (kind) => {
    const browser = new Browser();
    browser.sending = KINDS;
    expect(browser.noticed(303)).toBeNull();
    browser.around = [kind];
    expect(browser.noticed(20)).not.toBeNull();
  });

  it("notices that one packet of sound in five goes around", () => {
    const browser = new Browser();
    browser.around = ["audio"];
    browser.share = 0.2;
    expect(browser.noticed(30)).not.toBeNull();
  });

  it("does not mind what is switched off, on again, or on later", () => {
    const browser = new Browser();
    for (const sending of [["audio"], [], KINDS, ["screen"], ["video"], ["audio", "video"]]) {
      browser.sending = sending as Kind[];
      expect(browser.noticed(47)).toBeNull();
    }
  });

  it("does not mind a worker that is late with its answer, only with its work", () => {
    const browser = new Browser();
    for (let at = 0; at < 30; at += 1) {
      const [left] = browser.now();
      browser.pass(7 * (at % 5));
      expect(browser.guard.look(left, browser.now()[1])).toBe(false);
    }
    // Frames that it had no time for count as sent, and never leave.
    browser.sending = ["audio"];
    for (let at = 0; at < 10; at += 1) {
      browser.pass(6);
      browser.left.video.parts += 18;
      expect(browser.guard.look(...browser.now())).toBe(false);
    }
  });

  it("does not mind what waited for the network and leaves at once when it is back", () => {
    const browser = new Browser();
    expect(browser.noticed(60)).toBeNull();
    browser.offline = true;
    expect(browser.noticed(200)).toBeNull();
    browser.offline = false;
    // Muted meanwhile: what leaves now was all said before.
    browser.pass(1);
    browser.sending = ["video"];
    expect(browser.noticed(60)).toBeNull();
  });

  it("does not mind a browser that begins to count anew, and goes on to look", () => {
    const browser = new Browser();
    expect(browser.noticed(60)).toBeNull();
    for (const kind of KINDS) browser.left[kind] = { parts: 0, bytes: 0 };
    expect(browser.noticed(60)).toBeNull();
    browser.around = ["audio"];
    expect(browser.noticed(20)).toBeLessThanOrEqual(12);
  });

  it("counts sound that leaves while the worker says nothing", () => {
    const guard = new Guard();
    const at = (parts: number): AllLeft => ({
      audio: { parts, bytes: parts * SOUND },
      // These count before they get to the worker, and wait there.
      video: { parts, bytes: 0 },
      screen: { parts: 0, bytes: 0 },
    });
    expect(guard.silent(at(1_000), at(1_050))).toBe(false);
    expect(guard.silent(at(1_000), at(1_250))).toBe(true);
  });
});

describe("what a sender says", () => {
  const stats = [
    { type: "media-source", bytesSent: 9 },
    {
      type: "outbound-rtp",
      packetsSent: 120,
      retransmittedPacketsSent: 20,
      bytesSent: 5_000,
      retransmittedBytesSent: 1_000,
      framesEncoded: 33,
    },
    { type: "remote-inbound-rtp", packetsSent: 7 },
  ];

  it("is packets of sound and frames of a picture, without what was sent again", () => {
    expect(leftOf("audio", stats)).toEqual({ parts: 100, bytes: 4_000 });
    expect(leftOf("video", stats)).toEqual({ parts: 33, bytes: 4_000 });
    expect(leftOf("screen", [{ type: "outbound-rtp", framesSent: 3, framesEncoded: 5 }])).toEqual({
      parts: 3,
      bytes: 0,
    });
    expect(leftOf("audio", [])).toEqual({ parts: 0, bytes: 0 });
  });
});
