import { useCallback, useEffect, useRef, useState } from "react";
import { chunk } from "../../../wire/chunk";
import { getSocket } from "../../../wire/socket";
import type { Audience } from "../../../wire/types";
import { begin, declined, type Regain, tried } from "./regain";

const EVERY_MS = 1_000;

/** How often a picture that was had again was lost again, by visit. */
const lost = new Map<string, number>();

/**
 * Whether video is to be proposed: one's own line was poor when the picture went, and has carried
 * one again. Nothing is tried while nobody looks at the page.
 */
export function useRegain(audience: Audience, visitId: string, on: boolean) {
  const [offered, setOffered] = useState(false);
  const regain = useRef<Regain | null>(null);
  const keep = (next: Regain | null): void => {
    regain.current = next;
    setOffered(next?.offered === true);
  };
  useEffect(() => {
    if (!on) return undefined;
    let over = false;
    let busy = false;
    const live = getSocket(audience);
    regain.current = begin(performance.now(), lost.get(visitId) ?? 0);
    const look = async (): Promise<void> => {
      const now = regain.current;
      if (busy || now === null || performance.now() < now.at) return;
      if (document.visibilityState !== "visible" || live.status() !== "connected") return;
      busy = true;
      const { probe } = await chunk(() => import("./probe"));
      const found = over ? "unknown" : await probe(live);
      busy = false;
      if (!over && regain.current !== null) keep(tried(regain.current, found, performance.now()));
    };
    const timer = setInterval(() => void look().catch(() => (busy = false)), EVERY_MS);
    return () => {
      over = true;
      clearInterval(timer);
      keep(null);
    };
  }, [audience, on, visitId]);
  const decline = useCallback(() => {
    if (regain.current !== null) keep(declined(regain.current, performance.now()));
  }, []);
  const accept = useCallback(() => lost.set(visitId, (lost.get(visitId) ?? 0) + 1), [visitId]);
  return { offered, decline, accept };
}
