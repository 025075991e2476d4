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
  /** Who talks with the hands, and is heard by nobody: to be seen beside whoever speaks. */
  readonly signer: string | null;
}

export interface Arrangement {
  readonly shape: Layout;
  /** Who fills the stage; nobody does in a grid. */
  readonly main: string | null;
  /** Who has as much of it as that. */
  readonly beside: string | null;
}

/** Letters on a screen can't be read in an equal share, so a screen is large in a grid too. */
export function arrange({ layout, pinned }: Wanted, there: There): Arrangement {
  const is = (one: string | null): one is string =>
    one !== null && (one === SCREEN ? there.screen : there.people.includes(one));
  const large = layout === "grid" ? "speaker" : layout;
  const signer = is(there.signer) ? there.signer : null;
  if (is(pinned) && pinned !== SCREEN) return { shape: large, main: pinned, beside: null };
  if (there.screen) {
    // In a corner of a screen nobody can read hands.
    return { shape: signer === null ? large : "speaker", main: SCREEN, beside: signer };
  }
  if (layout === "grid") return { shape: "grid", main: null, beside: null };
  if (layout === "pip" && signer !== null) return { shape: layout, main: signer, beside: null };
  const others = there.people.filter((id) => id !== signer);
  const { speaker } = there;
  const main = speaker !== null && others.includes(speaker) ? speaker : (others[0] ?? signer);
  return { shape: layout, main, beside: main === signer ? null : signer };
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
