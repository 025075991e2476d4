import { describe, expect, it } from "vitest";
import { askForDevices, askForOne } from "./devices";

const AUDIO = { kind: "audio" } as MediaStreamTrack;
const VIDEO = { kind: "video" } as MediaStreamTrack;

/** A machine that answers each kind of question with a stream, or with the browser's error. */
function machine(answers: { both?: string; audio?: string; video?: string }) {
  const asked: string[] = [];
  const getMedia = (constraints: MediaStreamConstraints): Promise<MediaStream> => {
    const what =
      constraints.audio !== undefined && constraints.video !== undefined
        ? "both"
        : constraints.audio !== undefined
          ? "audio"
          : "video";
    asked.push(what);
    const error = answers[what];
    if (error !== undefined) return Promise.reject(new DOMException("", error));
    return Promise.resolve({
      getAudioTracks: () => (what === "video" ? [] : [AUDIO]),
      getVideoTracks: () => (what === "audio" ? [] : [VIDEO]),
      getTracks: () => [what === "video" ? VIDEO : AUDIO],
    } as unknown as MediaStream);
  };
  return { asked, getMedia };
}

async function ask(
  answers: Parameters<typeof machine>[0],
  { camera = true, microphoneAllowed = false } = {},
) {
  const { asked, getMedia } = machine(answers);
  const devices = await askForDevices({
    camera,
    chosen: {},
    getMedia,
    microphoneAllowed: () => Promise.resolve(microphoneAllowed),
  });
  return { asked, devices };
}

describe("asking for camera and microphone", () => {
  it("takes both", async () => {
    const { devices } = await ask({});
    expect(devices).toEqual({ ok: true, audio: AUDIO, video: VIDEO, notice: null });
  });

  it("asks for no camera that is not wanted", async () => {
    const { asked } = await ask({}, { camera: false });
    expect(asked).toEqual(["audio"]);
  });

  it.each([
    ["NotFoundError", "no_camera"],
    ["OverconstrainedError", "no_camera"],
    ["NotReadableError", "camera_busy"],
    ["AbortError", "camera_busy"],
  ])("goes on with sound after %s", async (both, notice) => {
    const { devices } = await ask({ both });
    expect(devices).toEqual({ ok: true, audio: AUDIO, video: null, notice });
  });

  it("goes on with the picture when there is no microphone", async () => {
    const { devices } = await ask({ both: "NotFoundError", audio: "NotFoundError" });
    expect(devices).toMatchObject({ ok: true, audio: null, notice: "no_microphone" });
  });

  it("says that there is no device", async () => {
    const none = { both: "NotFoundError", audio: "NotFoundError", video: "NotFoundError" };
    expect((await ask(none)).devices).toEqual({ ok: false, reason: "no_device" });
  });

  it("does not nag after a no", async () => {
    const { asked, devices } = await ask({ both: "NotAllowedError" });
    expect(devices).toEqual({ ok: false, reason: "permission_denied" });
    expect(asked).toEqual(["both"]);
  });

  it("uses the microphone when only the camera was refused", async () => {
    const { devices } = await ask({ both: "NotAllowedError" }, { microphoneAllowed: true });
    expect(devices).toMatchObject({ ok: true, video: null, notice: "camera_denied" });
  });

  it("knows a page that may not ask at all", async () => {
    expect(await askForDevices({ camera: true, chosen: {}, getMedia: null })).toEqual({
      ok: false,
      reason: "no_device",
    });
  });

  it("asks for one when one is switched on", async () => {
    const { getMedia } = machine({ video: "NotReadableError" });
    expect(await askForOne("mic", {}, getMedia)).toEqual({ track: AUDIO, fault: null });
    expect(await askForOne("camera", {}, getMedia)).toEqual({ track: null, fault: "busy" });
  });
});
