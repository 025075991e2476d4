/**
 * The camera's and the microphone's tracks while a call lasts: on and off, another device,
 * and what happens when one is unplugged.
 */
import {
  askForDevices,
  askForOne,
  type Chosen,
  type Devices,
  type Fault,
  type Kind,
  MISSING,
} from "./devices";
import type { DeviceNotice, Pair } from "./model";

export interface TrackEvents {
  /** Send this track instead from now on, or nothing. */
  changed(kind: Kind, track: MediaStreamTrack | null): void;
  /** There is a device, or there no longer is. */
  device(kind: Kind, have: boolean, notice: DeviceNotice | null): void;
}

type Notices = Readonly<Record<Kind, Readonly<Record<Fault, DeviceNotice | null>>>>;

/** What is said of a device that was there: a browser that takes it away is not a cable. */
const TAKEN: Notices = {
  camera: {
    denied: "camera_denied",
    absent: "camera_gone",
    busy: "camera_gone",
    other: "camera_gone",
  },
  mic: {
    denied: "microphone_denied",
    absent: "microphone_gone",
    busy: "microphone_gone",
    other: "microphone_gone",
  },
};
const NOTHING = { denied: null, absent: null, busy: null, other: null };
const UNSAID: Notices = { camera: NOTHING, mic: NOTHING };

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

  /** What is sent of the sound: a microphone that is muted is kept, but silence is not sent. */
  get heard(): MediaStreamTrack | null {
    return this.#wanted.mic ? this.#audio : null;
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

  /**
   * Muting keeps the microphone, and no packet leaves while it lasts; a camera that is off is
   * really off, light and all.
   */
  want(wanted: Pair, asked: Pair): void {
    const before = this.heard;
    this.#wanted = wanted;
    if (this.#audio !== null) this.#audio.enabled = wanted.mic;
    if (this.heard !== before) this.events.changed("mic", this.heard);
    void this.#next(() => this.#turn(asked));
  }

  /**
   * One after the other: a camera pressed on and off quickly ends as it was last pressed, and an
   * unplugged one, which is told twice, is not looked for twice at once.
   */
  #next(work: () => Promise<void>): Promise<void> {
    this.#turning = this.#turning.then(work);
    return this.#turning;
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

  async #fetch(
    kind: Kind,
    era: number,
    notice: DeviceNotice | null = null,
    missing: Notices = MISSING,
  ): Promise<boolean> {
    const { track, fault } = await askForOne(kind, this.chosen());
    // A muted microphone is kept, a camera that is not wanted is not.
    if (era !== this.#era || (kind === "camera" && !this.#wanted.camera)) {
      track?.stop();
      return false;
    }
    if (track === null) {
      this.events.device(kind, false, fault === null ? null : missing[kind][fault]);
      return false;
    }
    this.#set(kind, track);
    this.events.device(kind, true, notice);
    return true;
  }

  /** The chosen device has changed. The old one goes first: some machines have one camera bus. */
  change(kind: Kind): Promise<void> {
    return this.#next(async () => {
      const era = this.#era;
      if (kind === "camera" && !this.#wanted.camera) return;
      (kind === "mic" ? this.#audio : this.#video)?.stop();
      if (!(await this.#fetch(kind, era)) && era === this.#era) this.#set(kind, null);
    });
  }

  /** Coming back to the page: phones take the camera away when they lock or ring. */
  revive(): Promise<void> {
    return this.#next(async () => {
      const era = this.#era;
      if (this.#video?.readyState === "ended" && this.#wanted.camera)
        await this.#fetch("camera", era);
      if (this.#audio?.readyState === "ended") await this.#fetch("mic", era);
    });
  }

  /** A device was plugged in or out: what is wanted and missing may be there now. */
  plugged(): Promise<void> {
    return this.#next(async () => {
      if (!this.#active) return;
      const era = this.#era;
      if (this.#audio === null) await this.#fetch("mic", era, "microphone_back", UNSAID);
      if (this.#video === null && this.#wanted.camera)
        await this.#fetch("camera", era, "camera_back", UNSAID);
    });
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
      const ended = (): void => void this.#next(() => this.#unplugged(kind, track));
      track.addEventListener("ended", ended, { once: true });
    }
    this.events.changed(kind, kind === "mic" ? this.heard : track);
  }

  async #unplugged(kind: Kind, track: MediaStreamTrack): Promise<void> {
    if (track !== (kind === "mic" ? this.#audio : this.#video)) return;
    const era = this.#era;
    const changed = kind === "mic" ? "microphone_changed" : "camera_changed";
    if (await this.#fetch(kind, era, changed, TAKEN)) return;
    if (era === this.#era) this.#set(kind, null);
  }
}
