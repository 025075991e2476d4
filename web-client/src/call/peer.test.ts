import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Peer } from "./peer";

class Sender {
  track: MediaStreamTrack | null = null;
  sent: RTCRtpEncodingParameters[] = [];
  givesWay: RTCRtpSendParameters["degradationPreference"];
  #encoding: RTCRtpEncodingParameters = { active: true };
  #busy = false;

  setStreams(): void {}

  async replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    await Promise.resolve();
    this.track = track;
  }

  getParameters(): { encodings: RTCRtpEncodingParameters[] } {
    return { encodings: [{ ...this.#encoding }] };
  }

  async setParameters({ encodings, degradationPreference }: RTCRtpSendParameters): Promise<void> {
    // As browsers do, who refuse parameters that were read before the last were set.
    if (this.#busy) throw new DOMException("read again", "InvalidStateError");
    this.#busy = true;
    await Promise.resolve();
    this.#busy = false;
    const [first] = encodings;
    if (first === undefined) return;
    this.#encoding = first;
    this.givesWay = degradationPreference;
    this.sent.push(first);
  }
}

class Connection extends EventTarget {
  static last: Connection;
  connectionState = "new";
  localDescription = { sdp: "answer" };
  readonly senders = { audio: new Sender(), video: new Sender(), screen: new Sender() };

  constructor() {
    super();
    Connection.last = this;
  }

  readonly #transceivers = (["audio", "video", "screen"] as const).map((kind, at) => ({
    mid: String(at),
    sender: this.senders[kind],
    setCodecPreferences: () => undefined,
  }));

  getTransceivers(): object[] {
    return this.#transceivers;
  }

  async setRemoteDescription(): Promise<void> {}
  createAnswer(): Promise<object> {
    return Promise.resolve({});
  }
  async setLocalDescription(): Promise<void> {}

  become(state: string): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}

const events = { link: () => undefined, remote: () => undefined };
const microphone = {} as MediaStreamTrack;
const picture = { width: 1280, height: 720 };
const cameraLike = (): MediaStreamTrack =>
  ({ getSettings: () => picture }) as unknown as MediaStreamTrack;
const camera = cameraLike();

const settled = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve));
};

describe("a peer", () => {
  beforeEach(() => {
    vi.stubGlobal("RTCPeerConnection", Connection);
    vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => ({ codecs: [] }) });
    vi.stubGlobal(
      "MediaStream",
      class {
        getTracks(): [] {
          return [];
        }
      },
    );
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const connected = async (video: MediaStreamTrack | null): Promise<Peer> => {
    const peer = new Peer(events, { audio: microphone, video, screen: null });
    await peer.answer("offer");
    Connection.last.become("connected");
    await settled();
    return peer;
  };

  it("sends no picture at all while the camera is off", async () => {
    const peer = await connected(camera);
    const { video } = Connection.last.senders;
    expect(video.sent.at(-1)).toMatchObject({ active: true, maxBitrate: 1_700_000 });
    await peer.replace("video", null);
    await settled();
    expect(video.track).toBeNull();
    expect(video.sent.at(-1)?.active).toBe(false);
    await peer.replace("video", camera);
    await settled();
    expect(video.track).toBe(camera);
    expect(video.sent.at(-1)?.active).toBe(true);
  });

  it("encodes nothing of the camera that nobody takes, and sends at once when somebody does", async () => {
    const peer = await connected(camera);
    const { audio, video, screen } = Connection.last.senders;
    await peer.replace("screen", camera);
    const publish = { height: 720, bitrate: 1_700_000, frame_rate: 30, motion: false };
    peer.publish(publish, false);
    await settled();
    expect(video.track).toBe(camera);
    expect(video.sent.at(-1)?.active).toBe(false);
    expect([audio.sent.at(-1)?.active, screen.sent.at(-1)?.active]).toEqual([true, true]);
    // Another camera is picked meanwhile: no reason to send either.
    await peer.replace("video", cameraLike());
    await settled();
    expect(video.sent.at(-1)?.active).toBe(false);
    peer.publish(publish, true);
    await settled();
    expect(video.sent.at(-1)).toMatchObject({ active: true, maxBitrate: 1_700_000 });
  });

  it("puts the picture of who signs before the sound, and its movement before its lines", async () => {
    const peer = await connected(camera);
    const { audio, video } = Connection.last.senders;
    const order = (): unknown[] => [
      audio.sent.at(-1)?.networkPriority,
      video.sent.at(-1)?.networkPriority,
      video.givesWay,
      camera.contentHint,
    ];
    expect(order()).toEqual(["high", "low", "balanced", ""]);
    peer.publish({ height: 360, bitrate: 600_000, frame_rate: 30, motion: true }, true);
    await settled();
    expect(order()).toEqual(["low", "high", "maintain-framerate", "motion"]);
    expect(video.sent.at(-1)).toMatchObject({ maxFramerate: 30, scaleResolutionDownBy: 2 });
    peer.publish({ height: 720, bitrate: 1_700_000, frame_rate: 30, motion: false }, true);
    await settled();
    expect(order()).toEqual(["high", "low", "balanced", ""]);
  });

  it("starts without a picture when there is no camera", async () => {
    await connected(null);
    const { audio, video } = Connection.last.senders;
    expect(video.sent.at(-1)?.active).toBe(false);
    expect(audio.sent.at(-1)).toMatchObject({ active: true, maxBitrate: 40_000 });
  });

  it("sends a smaller picture when there are more to see it", async () => {
    const peer = await connected(camera);
    const { audio, video, screen } = Connection.last.senders;
    expect(video.sent.at(-1)).toMatchObject({ scaleResolutionDownBy: 1, maxFramerate: 30 });
    peer.publish({ height: 360, bitrate: 500_000, frame_rate: 25, motion: false }, true);
    await settled();
    const smaller = { maxBitrate: 500_000, scaleResolutionDownBy: 2, maxFramerate: 25 };
    expect(video.sent.at(-1)).toMatchObject({ active: true, ...smaller });
    expect(audio.sent.at(-1)).toMatchObject({ maxBitrate: 40_000 });
    expect(screen.sent.at(-1)).not.toHaveProperty("scaleResolutionDownBy");
  });

  it("sends a screen for its letters, however many are there, and nothing when it ends", async () => {
    const peer = await connected(camera);
    const { screen } = Connection.last.senders;
    expect(screen.sent.at(-1)?.active).toBe(false);
    await peer.replace("screen", camera);
    peer.publish({ height: 240, bitrate: 250_000, frame_rate: 25, motion: false }, true);
    await settled();
    expect(screen.track).toBe(camera);
    expect(screen.sent.at(-1)).toMatchObject({ active: true, maxBitrate: 2_000_000 });
    expect(screen.sent.at(-1)).not.toHaveProperty("scaleResolutionDownBy");
    await peer.replace("screen", null);
    await settled();
    expect(screen.sent.at(-1)?.active).toBe(false);
  });

  it("gives every section's frames away before anything is waited for, and once", async () => {
    const given: string[] = [];
    const frames = {
      attach: ({ mid, sender }: RTCRtpTransceiver) => {
        expect(sender.track).toBeNull();
        given.push(mid ?? "");
      },
    };
    const own = { audio: microphone, video: camera, screen: null };
    const peer = new Peer(events, own, [], frames);
    await peer.answer("offer");
    expect(given).toEqual(["0", "1", "2"]);
    await peer.answer("restart");
    expect(given).toHaveLength(3);
  });

  it("ends as it was last pressed, however quickly", async () => {
    const peer = await connected(camera);
    for (const track of [null, camera, null, camera, null]) void peer.replace("video", track);
    await settled();
    expect(Connection.last.senders.video.sent.at(-1)?.active).toBe(false);
  });
});
