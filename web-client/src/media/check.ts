import { chosenDevices } from "./chosen";
import { VOICE } from "./voice";

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
  const audio = { ...VOICE, ...wanted(microphone) };
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
