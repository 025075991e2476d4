import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Tracks } from "./tracks";

class FakeTrack extends EventTarget {
  enabled = true;
  readyState: "live" | "ended" = "live";
  constructor(readonly kind: "audio" | "video") {
    super();
  }
  stop(): void {
    this.readyState = "ended";
  }
  unplug(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

let made: FakeTrack[] = [];
let missing: readonly string[] = [];
let denied: readonly string[] = [];

function getUserMedia({ audio, video }: MediaStreamConstraints): Promise<MediaStream> {
  const kinds = [...(audio ? ["audio"] : []), ...(video ? ["video"] : [])] as ("audio" | "video")[];
  if (kinds.some((kind) => missing.includes(kind))) {
    return Promise.reject(new DOMException("", "NotFoundError"));
  }
  if (kinds.some((kind) => denied.includes(kind))) {
    return Promise.reject(new DOMException("", "NotAllowedError"));
  }
  const tracks = kinds.map((kind) => new FakeTrack(kind));
  made.push(...tracks);
  const of = (kind: string) => tracks.filter((track) => track.kind === kind);
  return Promise.resolve({
    getTracks: () => tracks,
    getAudioTracks: () => of("audio"),
    getVideoTracks: () => of("video"),
  } as unknown as MediaStream);
}

beforeEach(() => {
  made = [];
  missing = [];
  denied = [];
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const BOTH = { mic: true, camera: true };
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

function start() {
  const device = vi.fn();
  const changed = vi.fn();
  const tracks = new Tracks({ changed, device }, () => ({}));
  return { tracks, device, changed };
}

describe("the tracks of a call", () => {
  it("mutes without letting go, and really turns the camera off", async () => {
    const { tracks } = start();
    await tracks.ask(BOTH);
    tracks.want({ mic: false, camera: false }, { mic: false, camera: false });
    await settled();
    expect(tracks.audio?.enabled).toBe(false);
    expect(tracks.video).toBeNull();
    expect(made.find((track) => track.kind === "video")?.readyState).toBe("ended");
  });

  it("sends no sound while muted, also of another microphone", async () => {
    const { tracks, changed } = start();
    await tracks.ask(BOTH);
    const first = tracks.audio;
    expect(changed).toHaveBeenCalledWith("mic", first);
    tracks.want({ mic: false, camera: true }, { mic: false, camera: false });
    expect(changed).toHaveBeenLastCalledWith("mic", null);
    expect(tracks.heard).toBeNull();
    await tracks.change("mic");
    expect(tracks.audio).not.toBe(first);
    expect(changed).toHaveBeenLastCalledWith("mic", null);
    tracks.want(BOTH, { mic: true, camera: false });
    expect(changed).toHaveBeenLastCalledWith("mic", tracks.audio);
    expect(tracks.audio?.enabled).toBe(true);
  });

  it("says nothing new when only the camera is pressed", async () => {
    const { tracks, changed } = start();
    await tracks.ask(BOTH);
    changed.mockClear();
    tracks.want({ mic: true, camera: false }, { mic: false, camera: true });
    await settled();
    expect(changed.mock.calls).toEqual([["camera", null]]);
  });

  it("ends as it was last pressed, however quickly", async () => {
    const { tracks } = start();
    await tracks.ask(BOTH);
    for (const camera of [false, true, false, true, false]) {
      tracks.want({ mic: true, camera }, { mic: false, camera });
    }
    await settled();
    expect(tracks.video).toBeNull();
    expect(made.filter((track) => track.kind === "video" && track.readyState === "live")).toEqual(
      [],
    );
  });

  it("tries another device when one is unplugged, and says so", async () => {
    const { tracks, device } = start();
    await tracks.ask(BOTH);
    made.find((track) => track.kind === "video")?.unplug();
    await settled();
    expect(device).toHaveBeenCalledWith("camera", true, "camera_changed");
    expect(tracks.video?.readyState).toBe("live");
  });

  it("says when there is no other", async () => {
    const { tracks, device } = start();
    await tracks.ask(BOTH);
    missing = ["audio"];
    made.find((track) => track.kind === "audio")?.unplug();
    await settled();
    expect(device).toHaveBeenLastCalledWith("mic", false, "microphone_gone");
    expect(tracks.audio).toBeNull();
  });

  it("tells a device that was taken away from one that was unplugged", async () => {
    const { tracks, device } = start();
    await tracks.ask(BOTH);
    denied = ["audio", "video"];
    for (const track of [...made]) track.unplug();
    await settled();
    expect(device).toHaveBeenCalledWith("mic", false, "microphone_denied");
    expect(device).toHaveBeenCalledWith("camera", false, "camera_denied");
    expect([tracks.audio, tracks.video]).toEqual([null, null]);
  });

  it("uses what is plugged in again, once, and never what nobody wants", async () => {
    const { tracks, device } = start();
    await tracks.ask(BOTH);
    missing = ["audio", "video"];
    for (const track of [...made]) track.unplug();
    // The browser tells of it twice: by the track and by the list of devices.
    void tracks.plugged();
    await settled();
    missing = [];
    tracks.want({ mic: false, camera: false }, { mic: false, camera: false });
    void tracks.plugged();
    void tracks.plugged();
    await settled();
    expect(device).toHaveBeenLastCalledWith("mic", true, "microphone_back");
    expect(tracks.audio?.enabled).toBe(false);
    expect(tracks.video).toBeNull();
    tracks.want(BOTH, { mic: true, camera: false });
    void tracks.plugged();
    void tracks.plugged();
    await settled();
    expect(device).toHaveBeenLastCalledWith("camera", true, "camera_back");
    expect(made.filter((track) => track.readyState === "live")).toHaveLength(2);
  });

  it("keeps a muted microphone muted when another takes its place", async () => {
    const { tracks, device } = start();
    await tracks.ask(BOTH);
    tracks.want({ mic: false, camera: true }, { mic: false, camera: false });
    made.find((track) => track.kind === "audio")?.unplug();
    await settled();
    expect(device).toHaveBeenLastCalledWith("mic", true, "microphone_changed");
    expect(tracks.audio?.enabled).toBe(false);
  });

  it("lets go of everything, also of what comes late", async () => {
    const { tracks } = start();
    const asking = tracks.ask(BOTH);
    tracks.release();
    expect(await asking).toBeNull();
    expect(made.every((track) => track.readyState === "ended")).toBe(true);
  });
});
