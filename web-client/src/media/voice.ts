/** How every microphone is asked for: without the room's echo and noise, and evenly loud. */
export const VOICE = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
} as const;
