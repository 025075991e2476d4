import { type FocusEvent, type PointerEvent, useState } from "react";

/** Whether somebody reads the element: the focus is in it, or the mouse is over it. */
export function useReading() {
  const [focused, setFocused] = useState(false);
  const [pointed, setPointed] = useState(false);
  return {
    reading: focused || pointed,
    props: {
      onFocus: () => {
        setFocused(true);
      },
      onBlur: (event: FocusEvent) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setFocused(false);
      },
      // Not `enter`: a table that appears under a resting mouse is never entered.
      onPointerMove: (event: PointerEvent) => {
        if (event.pointerType === "mouse") setPointed(true);
      },
      onPointerLeave: () => {
        setPointed(false);
      },
    },
  };
}
