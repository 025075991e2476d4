// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Seat, Seating } from "../../wire/generated";
import { seating as seated } from "../testing/seats";
import { type EncryptedLeg, FrameEncryption } from "./encryption";
import type { FromWorker, Shown, ToWorker } from "./messages";
import type { Frame, Transformer, Way } from "./pipe";
import type { Message } from "./session";

const VISIT = "01890000-0000-7000-8000-000000000001";
const PUBLISH = { height: 720, bitrate: 1, frame_rate: 30, motion: false };

interface Receives {
  onmessage: (event: { readonly data: ToWorker }) => void;
}

/** The worker's own code, in this thread. */
class HereWorker extends EventTarget {
  static fails = false;
  /** Its script never came, and no later question brings it. */
  readonly #dead = HereWorker.fails;

  constructor() {
    super();
    vi.stubGlobal("postMessage", (data: FromWorker) => {
      this.dispatchEvent(new MessageEvent("message", { data }));
    });
  }

  postMessage(data: ToWorker): void {
    if (this.#dead) this.dispatchEvent(new Event("error"));
    else (globalThis as unknown as Receives).onmessage({ data });
  }

  terminate(): void {}
}

/** A sender's or receiver's frames: what is put in comes out as the worker made of it. */
class Transform {
  readonly out: Uint8Array[] = [];
  readonly put: (frame: Uint8Array<ArrayBuffer>) => void;

  constructor(
    _worker: unknown,
    readonly options: Way,
  ) {
    const { readable, writable } = new TransformStream<Frame, Frame>();
    const writer = writable.getWriter();
    this.put = (frame) => void writer.write({ data: frame.slice().buffer });
    const transformer: Transformer = {
      options,
      readable,
      writable: new WritableStream({
        write: ({ data }) => void this.out.push(new Uint8Array(data)),
      }),
    };
    const scope = globalThis as unknown as { onrtctransform: (event: object) => void };
    scope.onrtctransform({ transformer });
  }
}

interface Ends {
  transform: Transform | null;
}

/** The sections of an offer, by mid, with senders and receivers that take a transform. */
function section(mid: string, kind: "audio" | "video"): { sender: Ends; receiver: Ends } {
  const sender: Ends = { transform: null };
  const receiver = { transform: null, track: { kind } };
  return { mid, sender, receiver } as never;
}

interface Device {
  readonly leg: EncryptedLeg;
  readonly messages: Message[];
  readonly privacy: Shown[];
}

function seating(...people: (readonly [string, string | null])[]): Seating {
  const seats = people.map(([participant_id, public_key]) => {
    return { participant_id, public_key, mic_on: true, camera_on: true } as Seat;
  });
  return seated(seats, { publish: PUBLISH });
}

describe("a leg's encryption, from the page", () => {
  beforeEach(async () => {
    HereWorker.fails = false;
    vi.stubGlobal("Worker", HereWorker);
    vi.stubGlobal("RTCRtpScriptTransform", Transform);
    for (const name of ["RTCRtpSender", "RTCRtpReceiver"]) {
      vi.stubGlobal(
        name,
        class {
          transform = null;
          static {
            Object.defineProperty(this.prototype, "transform", { value: null });
          }
        },
      );
    }
    await import("./worker");
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const begin = async (encryption: FrameEncryption): Promise<Device> => {
    const [messages, privacy]: [Message[], Shown[]] = [[], []];
    const leg = await encryption.leg(VISIT, {
      send: (sent) => messages.push(...sent),
      changed: (shown) => privacy.push(shown),
    });
    if (leg === null) throw new Error("no leg");
    return { leg, messages, privacy };
  };

  it("takes one's frames to the other, and shows the server nothing of them", async () => {
    const encryption = new FrameEncryption();
    const [a, b] = [await begin(encryption), await begin(encryption)];
    expect(a.leg.publicKey).toMatch(/^[\w-]{87}$/);
    expect(a.leg.publicKey).not.toBe(b.leg.publicKey);
    a.leg.seated("a", seating(["b", b.leg.publicKey]));
    b.leg.seated("b", seating(["a", a.leg.publicKey]));
    await vi.waitFor(() => {
      for (const { data } of a.messages.splice(0)) b.leg.hear("a", data);
      for (const { data } of b.messages.splice(0)) a.leg.hear("b", data);
      expect(a.privacy.at(-1)).toMatchObject({ state: "on", cannot: [], unread: [] });
      expect(a.privacy.at(-1)?.code).toMatch(/^\d{6}$/);
      expect(b.privacy.at(-1)?.code).toBe(a.privacy.at(-1)?.code);
    });

    for (const [sent, kind, got] of [
      ["0", "audio", "3"],
      ["1", "video", "8"],
      ["2", "video", "13"],
    ] as const) {
      const [mine, theirs] = [section(sent, kind), section(got, kind)];
      a.leg.attach(mine as never);
      b.leg.attach(theirs as never);
      expect(mine.receiver.transform).toBeNull();
      expect(theirs.sender.transform).toBeNull();
      const frame = crypto.getRandomValues(new Uint8Array(100));
      mine.sender.transform?.put(frame);
      await vi.waitFor(() => expect(mine.sender.transform?.out).toHaveLength(1));
      const carried = mine.sender.transform?.out[0] as Uint8Array<ArrayBuffer>;
      expect(carried.slice(10, 100)).not.toEqual(frame.slice(10));
      theirs.receiver.transform?.put(carried);
      await vi.waitFor(() => expect(theirs.receiver.transform?.out).toEqual([frame]));
      // The worker counts what one sends, as it went on.
      const bytes = carried.length;
      const one = { seen: 1, given: 1, bytes };
      const counted = { "0": { audio: one }, "1": { video: one }, "2": { screen: one } }[sent];
      expect(await a.leg.passed()).toMatchObject(counted);
    }
    expect((await b.leg.passed())?.audio).toEqual({ seen: 0, given: 0, bytes: 0 });
    for (const { leg } of [a, b]) leg.close();
  });

  it("says whose frames come and can't be read", async () => {
    const encryption = new FrameEncryption();
    const [a, stranger] = [await begin(encryption), await begin(encryption)];
    a.leg.seated("a", seating(["b", stranger.leg.publicKey]));
    const picture = section("8", "video");
    a.leg.attach(picture as never);
    const now = vi.spyOn(performance, "now");
    for (let at = 0; at <= 3_500; at += 500) {
      now.mockReturnValue(100_000 + at);
      picture.receiver.transform?.put(new Uint8Array(50));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await vi.waitFor(() => expect(a.privacy.at(-1)?.unread).toEqual(["b"]), 5_000);
    expect(picture.receiver.transform?.out).toEqual([]);
    for (const { leg } of [a, stranger]) leg.close();
  });

  it("counts what it saw and did not let go on", async () => {
    const { leg } = await begin(new FrameEncryption());
    const sound = section("0", "audio");
    leg.attach(sound as never);
    // Nobody is known to be there: there is nothing to hide it under, and nobody to send it to.
    sound.sender.transform?.put(new Uint8Array(9));
    await vi.waitFor(async () => {
      expect((await leg.passed())?.audio).toEqual({ seen: 1, given: 0, bytes: 0 });
    });
    leg.close();
  });

  it("is not relied on again in a browser that let frames pass, nor after a reload", async () => {
    const stored = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
    });
    const ports = { send: () => undefined, changed: () => undefined };
    const encryption = new FrameEncryption();
    (await begin(encryption)).leg.close();
    expect(encryption.bypassed).toBe(false);
    encryption.distrust();
    for (const each of [encryption, new FrameEncryption()]) {
      expect(each.bypassed).toBe(true);
      expect(await each.leg(VISIT, ports)).toBeNull();
    }
  });

  it("is done without where the browser or the worker can't", async () => {
    const ports = { send: () => undefined, changed: () => undefined };
    HereWorker.fails = true;
    const encryption = new FrameEncryption();
    expect(await encryption.leg(VISIT, ports)).toBeNull();
    HereWorker.fails = false;
    // Perhaps the network was gone: the next leg need not go without as well.
    const leg = await encryption.leg(VISIT, ports);
    expect(leg?.publicKey).toMatch(/^[\w-]{87}$/);
    leg?.close();
    Reflect.deleteProperty(globalThis, "RTCRtpScriptTransform");
    expect(await new FrameEncryption().leg(VISIT, ports)).toBeNull();
  });
});
