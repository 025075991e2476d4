/** Small gates against haste: hints that come in swarms, and announcements that would nag. */

/**
 * Runs `act` at once, then at most once in `gap` milliseconds: a swarm ends in one last run, so
 * that the newest state is always fetched.
 */
export function atMostEvery(gap: number, act: () => void): { (): void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  function run(): void {
    act();
    timer = setTimeout(() => {
      timer = undefined;
      if (again) {
        again = false;
        run();
      }
    }, gap);
  }
  function call(): void {
    if (timer === undefined) run();
    else again = true;
  }
  call.stop = () => {
    clearTimeout(timer);
    timer = undefined;
    again = false;
  };
  return call;
}

/** New patients are spoken as a count, at most once a minute (SCREENS: never nag). */
export const SPEAK_EVERY_MS = 60_000;

export interface Speech {
  lastAt: number | null;
  unspoken: number;
}

export const SILENT: Speech = { lastAt: null, unspoken: 0 };

/** Adds newcomers; `say` is the count to speak now, or null while the minute runs. */
export function speak(
  speech: Speech,
  newcomers: number,
  now: number,
): { speech: Speech; say: number | null } {
  const unspoken = speech.unspoken + newcomers;
  const due = speech.lastAt === null || now - speech.lastAt >= SPEAK_EVERY_MS;
  if (unspoken === 0 || !due) return { speech: { ...speech, unspoken }, say: null };
  return { speech: { lastAt: now, unspoken: 0 }, say: unspoken };
}
