import { chosenDevices } from "./chosen";

/**
 * The signal that it is one's turn, made of two soft tones so that no sound file is needed. A
 * browser plays nothing before the person has touched the page; `isReady` says whether it would.
 */
type SinkContext = AudioContext & { setSinkId?: (id: string) => Promise<void> };

let context: SinkContext | null = null;
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

function tone(at: AudioContext, frequency: number, start: number, length: number): void {
  const oscillator = at.createOscillator();
  const gain = at.createGain();
  oscillator.type = "sine";
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.32, start + 0.03);
  gain.gain.exponentialRampToValueAtTime(0.001, start + length);
  oscillator.connect(gain).connect(at.destination);
  oscillator.start(start);
  oscillator.stop(start + length);
}

export const chime = {
  isReady: (): boolean => context?.state === "running",
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** Call it from a press or a key: only then does the browser let sound through. */
  async unlock(): Promise<void> {
    if (!context) {
      context = new AudioContext();
      context.addEventListener("statechange", changed);
    }
    await context.resume();
    changed();
  },
  async useSpeaker(id: string | undefined): Promise<void> {
    await context?.setSinkId?.(id ?? "").catch(() => undefined);
  },
  play(): void {
    if (context?.state !== "running") return;
    const { speaker } = chosenDevices.get();
    if (speaker) void chime.useSpeaker(speaker);
    const now = context.currentTime + 0.05;
    tone(context, 587.33, now, 0.9);
    tone(context, 880, now + 0.28, 1.3);
  },
};
