/** Durations for a glance: whole minutes in the queue, minutes and seconds on a call. */

export interface Waited {
  hours: number;
  minutes: number;
}

/** Time since `from`, in whole minutes; a clock that runs ahead never gives a negative wait. */
export function waited(from: string, now: number): Waited {
  const whole = Math.max(0, Math.floor((now - Date.parse(from)) / 60_000));
  return { hours: Math.floor(whole / 60), minutes: whole % 60 };
}

/** `4:07`, also beyond the hour (`75:00`). */
export function clockOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, "0")}`;
}

/** ISO 8601 duration for `<time dateTime>`. */
export function isoDuration({ hours, minutes }: Waited): string {
  return `PT${String(hours)}H${String(minutes)}M`;
}
