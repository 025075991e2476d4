import { useEffect } from "react";
import { chime } from "../../media/chime";

const EVERY_MS = 4_000;
const FLASH_MS = 1_000;
/** After so long a person is not by the device; the page and its title go on saying it. */
const RINGS = 20;

/**
 * Sound and vibration, repeated, and the flashing title; stops when the page is left. To who does
 * not hear (`silent`) the vibration is the signal: it does not end with the sound.
 */
export function useRinging(flash: string, quiet: boolean, silent: boolean): void {
  useEffect(() => {
    if (quiet && !silent) return undefined;
    let left = RINGS;
    const ring = () => {
      if (!quiet) chime.play();
      // Not on iPhones, and not before the page has been touched.
      if ("vibrate" in navigator) navigator.vibrate([300, 150, 300]);
      left -= 1;
      if (left === 0) clearInterval(timer);
    };
    const timer = setInterval(ring, EVERY_MS);
    ring();
    return () => clearInterval(timer);
  }, [quiet, silent]);

  useEffect(() => {
    const before = document.title;
    let lit = true;
    document.title = flash;
    const timer = setInterval(() => {
      lit = !lit;
      document.title = lit ? flash : before;
    }, FLASH_MS);
    return () => {
      clearInterval(timer);
      document.title = before;
    };
  }, [flash]);
}
