/** Two soft tones, made here: no file to fetch, and quiet enough for an open-plan office. */

const TONES = [
  { hertz: 659.3, at: 0 },
  { hertz: 880, at: 0.16 },
] as const;
const LOUDNESS = 0.12;
const RING_SECONDS = 0.5;

/** Plays the chime; a browser that allows no sound yet stays silent. */
export function chime(): void {
  const context = new AudioContext();
  const close = () => void context.close().catch(() => undefined);
  let playing = TONES.length;
  void context.resume().then(() => {
    for (const { hertz, at } of TONES) {
      const start = context.currentTime + at;
      const tone = new OscillatorNode(context, { frequency: hertz });
      const volume = new GainNode(context, { gain: 0 });
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, start + RING_SECONDS);
      tone.connect(volume).connect(context.destination);
      tone.start(start);
      tone.stop(start + RING_SECONDS);
      tone.onended = () => {
        playing -= 1;
        if (playing === 0) close();
      };
    }
  }, close);
}
