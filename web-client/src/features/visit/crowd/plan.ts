import type { CSSProperties, ReactNode } from "react";

/** How one tile of the stage looks, and what stands in it beside the picture. */
export interface TileLook {
  readonly className: string;
  readonly style?: CSSProperties;
  /** What the picture is of. */
  readonly label: string;
  /** Caption, marks and the button that pins; none for one's own. */
  readonly inside: ReactNode;
}

/** Who is where on the stage. Keys are participants' ids, `screen`, and `own`. */
export interface Plan {
  readonly className: string;
  readonly style: CSSProperties;
  readonly tile: (key: string) => TileLook | null;
}
