// @vitest-environment node
import { beforeEach, expect, it, vi } from "vitest";
import { type EchoEvents, openEcho } from "./echo";
import type { PeerEvents } from "./peer";

const made = vi.hoisted(() => ({
  events: [] as unknown[],
  published: [] as unknown[],
  closed: 0,
}));

vi.mock("./peer", () => ({
  Peer: class {
    constructor(events: unknown) {
      made.events.push(events);
    }
    answer = () => Promise.resolve("answer");
    publish(most: unknown): void {
      made.published.push(most);
    }
    stats = () => Promise.resolve(null);
    close(): void {
      made.closed += 1;
    }
  },
}));

const OWN = { getAudioTracks: () => [], getVideoTracks: () => [] } as unknown as MediaStream;
const JOINED = { check_id: "check-1", sdp: "offer", ice_servers: [] };

/** A server that answers a join when the test says so, and everything else at once. */
class Socket {
  readonly asked: [string, unknown][] = [];
  joined: (answer: typeof JOINED) => void = () => undefined;

  readonly emit = ((event: string, payload: unknown) => {
    this.asked.push([event, payload]);
    if (event !== "check.join") return Promise.resolve({});
    return new Promise((resolve) => (this.joined = resolve));
  }) as unknown as Parameters<typeof openEcho>[0]["emit"];

  get left(): unknown[] {
    return this.asked.filter(([event]) => event === "check.leave").map(([, payload]) => payload);
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const failed = vi.fn<EchoEvents["failed"]>();
const events: EchoEvents = { connected: () => undefined, failed };

beforeEach(() => {
  made.events = [];
  made.published = [];
  made.closed = 0;
  failed.mockClear();
});

it("leaves its test at the server when it is closed, once", async () => {
  const live = new Socket();
  const echo = openEcho(live, OWN, events);
  live.joined(JOINED);
  await settled();
  expect(live.asked.map(([event]) => event)).toEqual(["check.join", "check.answer"]);
  echo.close();
  echo.close();
  expect(live.left).toEqual([{ check_id: "check-1" }]);
  expect(made.closed).toBe(1);
});

it("leaves also when it was closed before the server answered, and connects to nothing", async () => {
  const live = new Socket();
  openEcho(live, OWN, events).close();
  expect(live.left).toEqual([]);
  live.joined(JOINED);
  await settled();
  expect(live.left).toEqual([{ check_id: "check-1" }]);
  expect(made.events).toEqual([]);
});

it("leaves when nothing comes through, and says so", async () => {
  const live = new Socket();
  openEcho(live, OWN, events);
  live.joined(JOINED);
  await settled();
  (made.events[0] as PeerEvents).link("failed");
  expect(failed).toHaveBeenCalledExactlyOnceWith("media");
  expect(live.left).toEqual([{ check_id: "check-1" }]);
});

it("sends as much as a call would, or less where it is told", async () => {
  const most = { height: 240, bitrate: 400_000, frame_rate: 15, motion: false };
  for (const limit of [null, most]) {
    const live = new Socket();
    const echo = openEcho(live, OWN, events, limit);
    live.joined(JOINED);
    await settled();
    expect(made.published).toEqual(limit === null ? [] : [most]);
    echo.close();
  }
});
