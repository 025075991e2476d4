/** Asking the browser for camera and microphone, and understanding its answers. */
import { VOICE } from "../media/voice";
import type { DeviceNotice } from "./model";

export interface Chosen {
  readonly camera?: string | undefined;
  readonly microphone?: string | undefined;
}

export type Devices =
  | {
      readonly ok: true;
      readonly audio: MediaStreamTrack | null;
      readonly video: MediaStreamTrack | null;
      readonly notice: DeviceNotice | null;
    }
  | { readonly ok: false; readonly reason: "permission_denied" | "no_device" };

type GetMedia = (constraints: MediaStreamConstraints) => Promise<MediaStream>;

export type Kind = "mic" | "camera";

/** What went wrong, in four words instead of the browsers' many names. */
export type Fault = "denied" | "absent" | "busy" | "other";

function faultOf(error: unknown): Fault {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
    case "PermissionDeniedError":
      return "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError":
      return "absent";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "busy";
    default:
      return "other";
  }
}

/** `ideal`, never `exact`: a device that was unplugged since must not stop the visit. */
function microphoneConstraints(chosen: Chosen): MediaTrackConstraints {
  return {
    ...VOICE,
    ...(chosen.microphone === undefined ? {} : { deviceId: { ideal: chosen.microphone } }),
  };
}

function cameraConstraints(chosen: Chosen): MediaTrackConstraints {
  return {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
    ...(chosen.camera === undefined
      ? { facingMode: "user" }
      : { deviceId: { ideal: chosen.camera } }),
  };
}

function browserMedia(): GetMedia | null {
  // Absent on a page that is not a secure context, whatever the types say.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  return devices === undefined ? null : (constraints) => devices.getUserMedia(constraints);
}

async function permission(name: "camera" | "microphone"): Promise<PermissionState | "unknown"> {
  try {
    const status = await navigator.permissions.query({ name: name });
    return status.state;
  } catch {
    return "unknown";
  }
}

/** True when asking shows no prompt: the person needs no explanation first. */
export async function alreadyAllowed(camera: boolean): Promise<boolean> {
  const states = await Promise.all([
    permission("microphone"),
    camera ? permission("camera") : Promise.resolve("granted" as const),
  ]);
  // A denial shows no prompt either; the answer to it comes from asking.
  return states.every((state) => state === "granted" || state === "denied");
}

/** What is missing when only the other could be had. */
export const MISSING: Readonly<Record<Kind, Readonly<Record<Fault, DeviceNotice>>>> = {
  camera: {
    denied: "camera_denied",
    absent: "no_camera",
    busy: "camera_busy",
    other: "camera_busy",
  },
  mic: {
    denied: "microphone_denied",
    absent: "no_microphone",
    busy: "microphone_busy",
    other: "microphone_busy",
  },
};

interface Ask {
  readonly camera: boolean;
  readonly chosen: Chosen;
  readonly getMedia?: GetMedia | null;
  readonly microphoneAllowed?: () => Promise<boolean>;
}

/** Asks for both; if that fails, for what there is. Never throws. */
export async function askForDevices({
  camera,
  chosen,
  getMedia = browserMedia(),
  microphoneAllowed = async () => (await permission("microphone")) === "granted",
}: Ask): Promise<Devices> {
  if (getMedia === null) return { ok: false, reason: "no_device" };
  const audio = microphoneConstraints(chosen);
  const video = cameraConstraints(chosen);
  let fault: Fault;
  try {
    return found(await getMedia(camera ? { audio, video } : { audio }), null);
  } catch (error) {
    fault = faultOf(error);
  }
  if (fault === "denied" && !(camera && (await microphoneAllowed()))) {
    return { ok: false, reason: "permission_denied" };
  }
  if (camera) {
    try {
      return found(await getMedia({ audio }), MISSING.camera[fault]);
    } catch (error) {
      if (faultOf(error) === "denied") return { ok: false, reason: "permission_denied" };
    }
    try {
      return found(await getMedia({ video }), MISSING.mic[fault]);
    } catch (error) {
      if (faultOf(error) === "denied") return { ok: false, reason: "permission_denied" };
    }
  }
  return { ok: false, reason: "no_device" };
}

function found(stream: MediaStream, notice: DeviceNotice | null): Devices {
  return {
    ok: true,
    audio: stream.getAudioTracks()[0] ?? null,
    video: stream.getVideoTracks()[0] ?? null,
    notice,
  };
}

/** One track of one kind, or null when it cannot be had (for whatever reason). */
export async function askForOne(
  kind: Kind,
  chosen: Chosen,
  getMedia: GetMedia | null = browserMedia(),
): Promise<{ track: MediaStreamTrack | null; fault: Fault | null }> {
  if (getMedia === null) return { track: null, fault: "absent" };
  try {
    const stream = await getMedia(
      kind === "mic"
        ? { audio: microphoneConstraints(chosen) }
        : { video: cameraConstraints(chosen) },
    );
    return { track: stream.getTracks()[0] ?? null, fault: null };
  } catch (error) {
    return { track: null, fault: faultOf(error) };
  }
}

export interface DeviceChoice {
  readonly id: string;
  readonly label: string;
}

export interface DeviceList {
  readonly cameras: readonly DeviceChoice[];
  readonly microphones: readonly DeviceChoice[];
  readonly speakers: readonly DeviceChoice[];
}

export const NO_LIST: DeviceList = { cameras: [], microphones: [], speakers: [] };

export async function listDevices(): Promise<DeviceList> {
  const media = navigator.mediaDevices as MediaDevices | undefined;
  if (media === undefined) return NO_LIST;
  const all = await media.enumerateDevices().catch(() => []);
  const of = (kind: MediaDeviceKind): DeviceChoice[] =>
    all
      .filter((device) => device.kind === kind && device.deviceId !== "")
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return { cameras: of("videoinput"), microphones: of("audioinput"), speakers: of("audiooutput") };
}
