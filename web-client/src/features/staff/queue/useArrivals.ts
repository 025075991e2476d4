import { useEffect, useRef } from "react";
import { useAnnounce } from "../../../app/announce";
import { useT } from "../../../i18n";
import type { BoardTicket } from "../../../wire/types";
import { usePrefs } from "../prefs";
import { arrivals } from "./board";
import { chime } from "./chime";
import { SILENT, SPEAK_EVERY_MS, speak } from "./pace";

/**
 * Tells of new patients: a spoken count at most once a minute, a chime when the queue was empty.
 * Not while only a part of the queue is there: who comes into sight then has waited for long.
 */
export function useArrivals(tickets: readonly BoardTicket[], all: boolean): void {
  const t = useT();
  const announce = useAnnounce();
  const { chime: chimes } = usePrefs();
  const before = useRef<ReadonlySet<string> | null>(null);
  const speech = useRef(SILENT);
  const tell = useRef<(newcomers: number) => void>(() => undefined);

  useEffect(() => {
    tell.current = (newcomers) => {
      const next = speak(speech.current, newcomers, Date.now());
      speech.current = next.speech;
      if (next.say !== null) announce(t("staff.queue.arrived", { count: next.say }), "polite");
    };
  });

  useEffect(() => {
    const known = before.current;
    before.current = waitingIds(tickets);
    if (known === null || !all) return;
    const newcomers = arrivals(known, tickets);
    tell.current(newcomers);
    if (newcomers > 0 && known.size === 0 && chimes) chime();
  }, [tickets, all, chimes]);

  useEffect(() => {
    const timer = setInterval(() => {
      tell.current(0);
    }, SPEAK_EVERY_MS / 4);
    return () => {
      clearInterval(timer);
    };
  }, []);
}

function waitingIds(tickets: readonly BoardTicket[]): ReadonlySet<string> {
  return new Set(tickets.filter(({ state }) => state === "waiting").map(({ id }) => id));
}
