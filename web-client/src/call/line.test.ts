import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Seating } from "../wire/generated";
import { Line, type LinePorts } from "./line";
import type { CallState } from "./model";
import { ANSWERED, play, READY } from "./testing/play";
import { seat, seating } from "./testing/seats";

interface Made {
  published: unknown[][];
  heard: string[][];
  key: string | null;
}

const made = vi.hoisted((): Made => ({ published: [], heard: [], key: "own key" }));

vi.mock("./peer", () => ({
  Peer: class {
    answer = () => Promise.resolve("answer");
    stats = () => Promise.resolve(null);
    left = () => Promise.resolve(null);
    publish(...args: unknown[]): void {
      made.published.push(args);
    }
    close(): void {}
  },
}));
vi.mock("./private/encryption", () => ({
  FrameEncryption: class {
    bypassed = false;
    prepare(): void {}
    leg(): Promise<object | null> {
      const { key } = made;
      if (key === null) return Promise.resolve(null);
      return Promise.resolve({
        publicKey: key,
        seated: () => undefined,
        hear: (...said: string[]) => made.heard.push(said),
        passed: () => Promise.resolve(null),
        close: () => undefined,
      });
    }
  },
}));

const JOINING: CallState = play(READY, ...ANSWERED.slice(0, 2)).state;

function joined(part: Seating): object {
  return {
    leg_id: "leg-1",
    sdp: "offer",
    seating: part,
    ice_servers: [],
    participant_id: "me",
    peer: { joined: false, mic_on: false, camera_on: false },
  };
}

describe("the line", () => {
  let asked: [string, Record<string, unknown>][] = [];
  let line: Line;
  const join = async (with_: Seating = seating([seat()])): Promise<void> => {
    const emit = (event: string, payload: Record<string, unknown>): Promise<object> => {
      asked.push([event, payload]);
      return Promise.resolve(event === "call.join" ? joined(with_) : {});
    };
    line = new Line("visit-1", {
      live: { emit } as unknown as LinePorts["live"],
      state: () => JOINING,
      own: () => ({ audio: null, video: null, screen: null }),
      tell: () => undefined,
      screen: { told: () => undefined, shown: () => undefined, joined: () => undefined },
      show: () => undefined,
    });
    await line.join(JOINING.attempt);
  };

  beforeEach(() => {
    asked = [];
    made.published = [];
    made.heard = [];
    made.key = "own key";
  });
  afterEach(() => {
    line.close();
  });

  it("joins with this device's key, so that the others can hide what they send", async () => {
    await join();
    expect(asked[0]).toEqual(["call.join", { visit_id: "visit-1", public_key: "own key" }]);
    line.hear({
      type: "call.key",
      visit_id: "visit-1",
      leg_id: "leg-1",
      participant_id: "p",
      sealed: "AAAA",
    });
    expect(made.heard).toEqual([["p", "AAAA"]]);
  });

  it("says that it has none where the browser can hide nothing", async () => {
    made.key = null;
    await join();
    expect(asked[0]?.[1]).toEqual({ visit_id: "visit-1", public_key: null });
  });

  it("tells how much of the camera to send, and whether anybody takes it, with every seat", async () => {
    const listens = seating([seat({ pictures_wanted: false })]);
    await join(listens);
    line.seat(seating([seat({ pictures_wanted: false }), seat({ participant_id: "q" })]));
    line.seat(listens);
    expect(made.published).toEqual([false, true, false].map((on) => [listens.publish, on]));
  });
});
