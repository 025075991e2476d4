/**
 * One's own screen while it is shared. It ends by the page's button, by the browser's own bar, or
 * because somebody else shares theirs: one screen is shown at a time.
 */
import type { DeviceNotice } from "./model";

/** So long after the server knows of it, what it said before may still be on its way here. */
export const SETTLES_MS = 1_000;

/** Letters matter more than motion; a wall of screens is not sent whole. */
const WANTED = {
  video: { width: { max: 1920 }, height: { max: 1200 }, frameRate: { max: 15 } },
  audio: false,
  // Not in every browser: a mirror in a mirror is no use, and another window may be picked later.
  selfBrowserSurface: "exclude",
  surfaceSwitching: "include",
} as const;

type Picker = (wanted: DisplayMediaStreamOptions) => Promise<MediaStream>;

function browserPicker(): Picker | null {
  // Phones have none, and nobody has it on a page that is not a secure context.
  const devices = navigator.mediaDevices as Partial<MediaDevices> | undefined;
  return devices?.getDisplayMedia?.bind(devices) ?? null;
}

export function canShare(): boolean {
  return browserPicker() !== null;
}

/** To close the picker is an answer and no fault; a computer that forbids it can be told to allow. */
function noticeOf(error: unknown): DeviceNotice | null {
  if (!(error instanceof Error || error instanceof DOMException)) return "screen_failed";
  if (error.name === "AbortError") return null;
  if (error.name !== "NotAllowedError") return "screen_failed";
  return /system/i.test(error.message) ? "screen_system" : null;
}

interface ScreenEvents {
  /** Send this from now on, or nothing. */
  readonly changed: (track: MediaStreamTrack | null) => void;
  readonly picked: () => void;
  readonly ended: (notice: DeviceNotice | null) => void;
}

export class OwnScreen {
  #track: MediaStreamTrack | null = null;
  /** Who else is shown. */
  #shown: string | null = null;
  #settled = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;

  constructor(
    private readonly events: ScreenEvents,
    private readonly picker: () => Picker | null = browserPicker,
  ) {}

  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  /** Must be called from a press: only then do browsers open their picker. */
  async pick(): Promise<void> {
    const ask = this.picker();
    if (ask === null || this.#asking || this.#track !== null) return;
    this.#asking = true;
    try {
      const [track] = (await ask(WANTED)).getVideoTracks();
      if (track !== undefined) this.#begin(track);
    } catch (error) {
      const notice = noticeOf(error);
      if (notice !== null) this.events.ended(notice);
    } finally {
      this.#asking = false;
    }
  }

  #begin(track: MediaStreamTrack): void {
    track.contentHint = "detail";
    // The browser's own bar says that it is shared, and lets one stop there.
    track.addEventListener("ended", () => {
      if (track === this.#track) this.events.ended(null);
    });
    this.#track = track;
    this.#unsettle();
    this.events.changed(track);
    this.events.picked();
  }

  /** The server has been told that it is shared. */
  told(): void {
    if (this.#track === null || this.#settled || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#settled = true;
      this.#look();
    }, SETTLES_MS);
  }

  /** Whose screen is shown here, never one's own. */
  shown(by: string | null): void {
    this.#shown = by;
    this.#look();
  }

  /** A new line: whoever is shown on it has taken over while there was none. */
  joined(by: string | null): void {
    this.#unsettle();
    this.#settled = by !== null;
    this.shown(by);
  }

  stop(): void {
    this.#unsettle();
    const track = this.#track;
    if (track === null) return;
    this.#track = null;
    track.stop();
    this.events.changed(null);
  }

  #look(): void {
    if (this.#track !== null && this.#settled && this.#shown !== null) {
      this.events.ended("screen_taken");
    }
  }

  #unsettle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#settled = false;
  }
}
