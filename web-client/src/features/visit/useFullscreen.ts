import { type RefObject, useCallback, useSyncExternalStore } from "react";

function subscribe(listener: () => void): () => void {
  document.addEventListener("fullscreenchange", listener);
  return () => document.removeEventListener("fullscreenchange", listener);
}

export interface Fullscreen {
  /** An iPhone lets no page but a bare video fill the screen: then the control is left out. */
  readonly possible: boolean;
  readonly on: boolean;
  readonly toggle: () => void;
}

export function useFullscreen(target: RefObject<HTMLElement | null>): Fullscreen {
  const on = useSyncExternalStore(subscribe, () => document.fullscreenElement !== null);
  const toggle = useCallback(() => {
    const done =
      document.fullscreenElement === null
        ? target.current?.requestFullscreen()
        : document.exitFullscreen();
    // Refused without a gesture, or by policy: the page stays as it is.
    done?.catch(() => undefined);
  }, [target]);
  return { possible: document.fullscreenEnabled, on, toggle };
}
