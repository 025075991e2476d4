import { useEffect, useState } from "react";

const PLACE = "vardrum.call.keys";

function stored(): boolean {
  try {
    return localStorage.getItem(PLACE) !== "off";
  } catch {
    return true;
  }
}

/** Single letters may be turned off (WCAG 2.1.4): speech control types them by mistake. */
export function useShortcutsOn(): readonly [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(stored);
  const set = (next: boolean): void => {
    setOn(next);
    try {
      localStorage.setItem(PLACE, next ? "on" : "off");
    } catch {
      // A private window may refuse: the choice lasts as long as the page.
    }
  };
  return [on, set];
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest("input, textarea, select, dialog, [contenteditable]") !== null;
}

export function useShortcuts(on: boolean, keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    if (!on) return undefined;
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (event.defaultPrevented || isWriting(event.target)) return;
      keys[event.key.toLowerCase()]?.();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [on, keys]);
}
