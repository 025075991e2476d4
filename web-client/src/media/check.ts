import { chosenDevices } from "./chosen";

export type DeviceState = "ok" | "missing" | "denied" | "busy";
export type Trouble = "insecure" | "denied" | "missing" | "busy";

export interface Opened {
  stream: MediaStream;
  camera: DeviceState;
  microphone: DeviceState;
}

function stateOf(error: unknown): Exclude<DeviceState, "ok"> {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return "busy";
}

function wanted(id: string | undefined): MediaTrackConstraints {
  return id ? { deviceId: { ideal: id } } : {};
}

/**
 * Asks for both at once, so that there is one prompt. When that fails each is asked for alone: a
 * computer without a camera can still be heard. Throws the Trouble when there is nothing at all.
 */
export async function openMedia(): Promise<Opened> {
  const devices = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  if (!devices) throw new MediaTrouble("insecure");
  const { camera, microphone } = chosenDevices.get();
  const video = { ...wanted(camera), width: { ideal: 1280 }, height: { ideal: 720 } };
  const audio = wanted(microphone);
  try {
    const stream = await devices.getUserMedia({ video, audio });
    return { stream, camera: "ok", microphone: "ok" };
  } catch (error) {
    const reason = stateOf(error);
    // A "no" at the prompt is an answer: asking again for each would be nagging.
    if (reason === "denied") throw new MediaTrouble("denied");
  }
  const alone = async (constraints: MediaStreamConstraints) => {
    try {
      return { stream: await devices.getUserMedia(constraints), state: "ok" as const };
    } catch (error) {
      return { stream: null, state: stateOf(error) };
    }
  };
  const sound = await alone({ audio });
  const picture = await alone({ video });
  const tracks = [...(sound.stream?.getTracks() ?? []), ...(picture.stream?.getTracks() ?? [])];
  if (tracks.length === 0) throw new MediaTrouble(sound.state === "ok" ? "busy" : sound.state);
  return { stream: new MediaStream(tracks), camera: picture.state, microphone: sound.state };
}

export class MediaTrouble extends Error {
  readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    super(trouble);
    this.name = "MediaTrouble";
    this.trouble = trouble;
  }
}

/** Calls back about ten times a second with how loud it is, from 0 to 1. */
export function meter(stream: MediaStream, onLevel: (level: number) => void): () => void {
  if (stream.getAudioTracks().length === 0) return () => undefined;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  void context.resume();
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    // Speech lies around -40 to -10 dB: that span fills the meter.
    const decibel = 20 * Math.log10(Math.sqrt(sum / samples.length) + 1e-6);
    onLevel(Math.min(1, Math.max(0, (decibel + 55) / 45)));
  }, 100);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
