/** Who is shown large when there is more than one to see, decided from what the person wants. Pure. */

export const LAYOUTS = ["speaker", "grid", "pip"] as const;
export type Layout = (typeof LAYOUTS)[number];

/** What can be seen: a participant by id, or the screen that somebody shares. */
export const SCREEN = "screen";

interface Wanted {
  readonly layout: Layout;
  /** Kept also while that person is away: who comes back is large again. */
  readonly pinned: string | null;
}

interface There {
  /** Participants by id, in the order of their slots. */
  readonly people: readonly string[];
  readonly screen: boolean;
  /** Who speaks, or spoke last. */
  readonly speaker: string | null;
}

export interface Arrangement {
  readonly shape: Layout;
  /** Who fills the stage; nobody does in a grid. */
  readonly main: string | null;
}

/** Letters on a screen can't be read in an equal share, so a screen is large in a grid too. */
export function arrange({ layout, pinned }: Wanted, there: There): Arrangement {
  const is = (one: string | null): one is string =>
    one !== null && (one === SCREEN ? there.screen : there.people.includes(one));
  const large = layout === "grid" ? "speaker" : layout;
  if (is(pinned)) return { shape: large, main: pinned };
  if (there.screen) return { shape: large, main: SCREEN };
  if (layout === "grid") return { shape: "grid", main: null };
  const { people, speaker } = there;
  return { shape: layout, main: is(speaker) ? speaker : (people[0] ?? null) };
}

const PLACE = "vardrum.call.layout";

export function storedLayout(): Layout {
  try {
    const stored = localStorage.getItem(PLACE);
    return LAYOUTS.find((layout) => layout === stored) ?? "speaker";
  } catch {
    return "speaker";
  }
}

export function storeLayout(layout: Layout): void {
  try {
    localStorage.setItem(PLACE, layout);
  } catch {
    // A private window may refuse: the choice lasts as long as the page.
  }
}
