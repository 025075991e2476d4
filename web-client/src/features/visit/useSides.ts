import { useState } from "react";
import { useMedia } from "./useMedia";

type Side = "chat" | "aside";

export interface Sides {
  readonly chatOpen: boolean;
  readonly asideOpen: boolean;
  /** The panels stand beside the picture; otherwise one at a time lies over it. */
  readonly beside: boolean;
  /** There is room for every panel at once. */
  readonly all: boolean;
  readonly toggle: (side: Side) => boolean;
  readonly close: () => void;
  readonly reset: () => void;
}

/**
 * Which panels are open: by the room there is, until the person decides otherwise. `text`: somebody
 * does not hear, so the conversation is beside the picture before anything else.
 */
export function useSides(hasAside: boolean, inChat: boolean, text: boolean): Sides {
  const beside = useMedia("(min-width: 60rem)");
  const wide = useMedia("(min-width: 88rem)");
  const [picked, setPicked] = useState<Side | "none" | "usual">("usual");
  const all = wide || (beside && !hasAside);
  const usual = !beside ? "none" : hasAside && !all && !inChat && !text ? "aside" : "chat";
  const side = picked === "usual" ? usual : picked;
  const asideOpen = hasAside && (wide || (inChat && beside) || side === "aside");
  // In chat the conversation is the room; on a phone staff's panel may lie over it.
  const chatOpen = side === "chat" || (inChat && (beside || side !== "aside"));
  return {
    chatOpen,
    asideOpen,
    beside,
    all,
    toggle: (which) => {
      const opens = !(which === "chat" ? chatOpen : asideOpen);
      setPicked(opens ? which : "none");
      return opens;
    },
    close: () => setPicked("none"),
    reset: () => setPicked("usual"),
  };
}
