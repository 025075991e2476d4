import { useCallback, useEffect, useRef } from "react";
import { useAnnounce } from "../../app/announce";
import type { CallEngine } from "../../call/engine";
import { useT } from "../../i18n";

/** The button that ends a hold, in the midst of the stage. */
export const RESUME = "data-resume";

/**
 * Pauses the call and goes on. What was pressed is gone from the page then: the focus goes to what
 * there is to do next, and to the heading when all is as it was.
 */
export function useHold(engine: CallEngine, onHold: boolean): () => void {
  const t = useT();
  const announce = useAnnounce();
  const was = useRef(onHold);
  useEffect(() => {
    if (was.current === onHold) return undefined;
    was.current = onHold;
    announce(t(onHold ? "visit.holding.title" : "visit.holding.resumed"));
    const frame = requestAnimationFrame(() => {
      const next = onHold ? `[${RESUME}]` : "[data-page-heading]";
      document.querySelector<HTMLElement>(next)?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [announce, onHold, t]);
  return useCallback(() => engine.tell({ type: "hold", on: !onHold }), [engine, onHold]);
}
