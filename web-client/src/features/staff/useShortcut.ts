import { useEffect, useRef } from "react";
import { usePrefs } from "./prefs";
import { type Shortcut, shortcutOf } from "./shortcuts";

/** Runs `act` on its key while shortcuts are on; `act` null means that nothing may happen now. */
export function useShortcut(name: Shortcut, act: (() => void) | null): void {
  const { shortcuts } = usePrefs();
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    if (!shortcuts) return;
    const listen = (event: KeyboardEvent) => {
      if (latest.current === null || shortcutOf(event) !== name) return;
      event.preventDefault();
      latest.current();
    };
    document.addEventListener("keydown", listen);
    return () => {
      document.removeEventListener("keydown", listen);
    };
  }, [name, shortcuts]);
}
