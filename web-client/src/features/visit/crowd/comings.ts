/** Who came and who left, as it should be told: nobody who only lost the line for a moment. Pure. */

/** A line that breaks is mended within this, or somebody else may be told. */
export const GRACE_MS = 6_000;

export interface Comings<P> {
  readonly here: ReadonlyMap<string, P>;
  /** Not seen now, and not yet told as gone; `at` is when they were last missed. */
  readonly missed: ReadonlyMap<string, { readonly who: P; readonly at: number }>;
}

export interface Told<P> {
  readonly comings: Comings<P>;
  readonly came: readonly P[];
  readonly left: readonly P[];
}

export function nobody<P>(): Comings<P> {
  return { here: new Map(), missed: new Map() };
}

export function look<P>(before: Comings<P>, now: ReadonlyMap<string, P>, at: number): Told<P> {
  const came = [...now]
    .filter(([id]) => !before.here.has(id) && !before.missed.has(id))
    .map(([, who]) => who);
  const missed = new Map([...before.missed].filter(([id]) => !now.has(id)));
  for (const [id, who] of before.here) if (!now.has(id)) missed.set(id, { who, at });
  const left: P[] = [];
  for (const [id, { who, at: since }] of missed) {
    if (at - since < GRACE_MS) continue;
    missed.delete(id);
    left.push(who);
  }
  return { comings: { here: now, missed }, came, left };
}
