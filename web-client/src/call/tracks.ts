/**
 * The camera's and the microphone's tracks while a call lasts: on and off, another device,
 * and what happens when one is unplugged.
 */
import { askForDevices, askForOne, type Chosen, type Devices, type Fault } from "./devices";
import type { DeviceNotice, Pair } from "./model";

export type Kind = "mic" | "camera";

export interface TrackEvents {
  /** Send this track instead from now on. */
  changed(kind: Kind, track: MediaStreamTrack | null): void;
  /** There is a device, or there no longer is. */
  device(kind: Kind, have: boolean, notice: DeviceNotice | null): void;
}

const MISSING: Readonly<Record<Kind, Readonly<Record<Fault, DeviceNotice>>>> = {
  camera: {
    denied: "camera_denied",
    absent: "no_camera",
    busy: "camera_busy",
    other: "camera_busy",
  },
  mic: {
    denied: "no_microphone",
    absent: "no_microphone",
    busy: "microphone_busy",
    other: "microphone_busy",
  },
};

export class Tracks {
  #audio: MediaStreamTrack | null = null;
  #video: MediaStreamTrack | null = null;
  #wanted: Pair = { mic: true, camera: true };
  /** Rises when everything is released, so that a late camera is switched off again. */
  #era = 0;
  /** Asked for and not yet released: before and after, wanting alone turns nothing on. */
  #active = false;
  #turning: Promise<void> = Promise.resolve();

  constructor(
    private readonly events: TrackEvents,
    private readonly chosen: () => Chosen,
  ) {}

  get audio(): MediaStreamTrack | null {
    return this.#audio;
  }

  get video(): MediaStreamTrack | null {
    return this.#video;
  }

  async ask(wanted: Pair): Promise<Devices | null> {
    const era = ++this.#era;
    this.#wanted = wanted;
    const devices = await askForDevices({ camera: wanted.camera, chosen: this.chosen() });
    if (era !== this.#era) {
      if (devices.ok) for (const track of [devices.audio, devices.video]) track?.stop();
      return null;
    }
    if (devices.ok) {
      this.#set("mic", devices.audio);
      this.#set("camera", devices.video);
      this.#active = true;
    }
    return devices;
  }

  /** Muting keeps the microphone; a camera that is off is really off, light and all. */
  want(wanted: Pair, asked: Pair): void {
    this.#wanted = wanted;
    if (this.#audio !== null) this.#audio.enabled = wanted.mic;
    // One after the other: a camera pressed on and off quickly ends as it was last pressed.
    this.#turning = this.#turning.then(() => this.#turn(asked));
  }

  async #turn(asked: Pair): Promise<void> {
    if (!this.#active) return;
    const era = this.#era;
    if (asked.mic && this.#audio === null) await this.#fetch("mic", era);
    if (!this.#wanted.camera) {
      this.#video?.stop();
      if (this.#video !== null) this.#set("camera", null);
    } else if (asked.camera && this.#video === null) {
      await this.#fetch("camera", era);
    }
  }

  async #fetch(kind: Kind, era: number, notice: DeviceNotice | null = null): Promise<boolean> {
    const { track, fault } = await askForOne(kind, this.chosen());
    if (era !== this.#era || !this.#wanted[kind]) {
      track?.stop();
      return false;
    }
    if (track === null) {
      this.events.device(kind, false, fault === null ? null : MISSING[kind][fault]);
      return false;
    }
    this.#set(kind, track);
    this.events.device(kind, true, notice);
    return true;
  }

  /** The chosen device has changed. The old one goes first: some machines have one camera bus. */
  async change(kind: Kind): Promise<void> {
    const era = this.#era;
    if (kind === "camera" && !this.#wanted.camera) return;
    (kind === "mic" ? this.#audio : this.#video)?.stop();
    if (!(await this.#fetch(kind, era)) && era === this.#era) this.#set(kind, null);
  }

  /** Coming back to the page: phones take the camera away when they lock or ring. */
  async revive(): Promise<void> {
    const era = this.#era;
    if (this.#video?.readyState === "ended" && this.#wanted.camera)
      await this.#fetch("camera", era);
    if (this.#audio?.readyState === "ended") await this.#fetch("mic", era);
  }

  release(): void {
    this.#era += 1;
    this.#active = false;
    this.#audio?.stop();
    this.#video?.stop();
    this.#set("mic", null);
    this.#set("camera", null);
  }

  #set(kind: Kind, track: MediaStreamTrack | null): void {
    if (kind === "mic") this.#audio = track;
    else this.#video = track;
    if (track !== null) {
      if (kind === "mic") track.enabled = this.#wanted.mic;
      track.addEventListener("ended", () => void this.#unplugged(kind, track), { once: true });
    }
    this.events.changed(kind, track);
  }

  async #unplugged(kind: Kind, track: MediaStreamTrack): Promise<void> {
    if (track !== (kind === "mic" ? this.#audio : this.#video)) return;
    const era = this.#era;
    const changed = kind === "mic" ? "microphone_changed" : "camera_changed";
    if (await this.#fetch(kind, era, changed)) return;
    if (era !== this.#era) return;
    this.#set(kind, null);
    this.events.device(kind, false, kind === "mic" ? "microphone_gone" : "camera_gone");
  }
}
