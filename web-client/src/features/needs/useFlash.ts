import { useEffect, useRef, useState } from "react";

const LIT_MS = 1_200;

/**
 * True for a moment when something came: a message, somebody at the door. For eyes that are on the
 * picture and ears that do not hear; it lights up once and does not blink.
 */
export function useFlash(count: number | null, on: boolean): boolean {
  const [lit, setLit] = useState(false);
  const before = useRef(count);
  useEffect(() => {
    const last = before.current;
    before.current = count;
    // What was there when the page came is not news.
    if (!on || count === null || last === null || count <= last) return undefined;
    if ("vibrate" in navigator) navigator.vibrate([200, 100, 200]);
    setLit(true);
    const timer = setTimeout(() => setLit(false), LIT_MS);
    return () => {
      clearTimeout(timer);
      setLit(false);
    };
  }, [count, on]);
  return lit;
}
