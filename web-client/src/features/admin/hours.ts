import type { AdminHours } from "../../wire/types";

const DAY = 24 * 60;
const WEEK = [0, 1, 2, 3, 4, 5, 6] as const;

/** Minutes after midnight as a clock shows them; beyond midnight it begins anew. */
export function clock(minutes: number): string {
  const pad = (part: number) => String(part).padStart(2, "0");
  return `${pad(Math.floor((minutes % DAY) / 60))}:${pad(minutes % 60)}`;
}

/** What somebody typed into a field for a time; null when it is none. */
export function minutesOf(time: string): number | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)/.exec(time);
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}

/** Hours from two times: an end that is not after the beginning is on the next day. */
export function spanOf(weekday: number, opens: string, closes: string): AdminHours | null {
  const from = minutesOf(opens);
  const to = minutesOf(closes);
  if (from === null || to === null) return null;
  return { weekday, opens: from, closes: to > from ? to : to + DAY };
}

interface Stretch {
  from: number;
  to: number;
  spans: string;
}

/** A week in as few words as it can be said: days in a row with the same hours are one. */
export function stretches(hours: readonly AdminHours[]): Stretch[] {
  const found: Stretch[] = [];
  for (const day of WEEK) {
    const spans = hours
      .filter(({ weekday }) => weekday === day)
      .map(({ opens, closes }) => `${clock(opens)}–${clock(closes)}`)
      .join(", ");
    const last = found.at(-1);
    if (spans === "") continue;
    if (last?.to === day - 1 && last.spans === spans) last.to = day;
    else found.push({ from: day, to: day, spans });
  }
  return found;
}

/** The names of the days, Monday first, in the language. */
export function weekdays(language: string, weekday: "short" | "long"): string[] {
  const format = new Intl.DateTimeFormat(language, { weekday, timeZone: "UTC" });
  // 5 January 1970 was a Monday.
  return WEEK.map((day) => format.format(new Date((day + 4) * DAY * 60_000)));
}
