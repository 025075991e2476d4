import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLive, useLiveEvent, useWatch } from "../../wire/hooks";
import { hinted, isBehind } from "../../wire/fresh";
import { keys } from "../../wire/keys";
import { ticketQuery } from "../../wire/queries";
import type { Ticket } from "../../wire/types";

/**
 * One place in a queue, kept fresh: hints are applied when they are newer, the heartbeat compares
 * versions, and when the socket is blocked every beat fetches.
 */
export function useTicket(id: string) {
  const queries = useQueryClient();
  const query = useQuery({ ...ticketQuery(id), refetchOnWindowFocus: "always" });
  const ticket = query.data;
  useLive("patient", ticket?.state === "waiting" || ticket?.state === "called");
  useLiveEvent("patient", "ticket.changed", (hint) => {
    if (hint.ticket_id !== id) return;
    const held = queries.getQueryData<Ticket>(keys.ticket(id));
    if (held) queries.setQueryData<Ticket>(keys.ticket(id), hinted(held, hint));
    // The answer that is on its way may be older than this hint.
    else void query.refetch();
  });
  useWatch("patient", {
    tickets: () => (ticket ? [{ ticket_id: id, version: ticket.version }] : []),
    onSync: (answer) => {
      const theirs = answer?.tickets.find((one) => one.ticket_id === id);
      if (answer && (!theirs || !isBehind(ticket, theirs.version))) return;
      void query.refetch();
    },
  });
  return query;
}

/** True for a while after the place in the queue went up: somebody passed. */
export function usePassed(place: number | null | undefined): boolean {
  const [passed, setPassed] = useState(false);
  const before = useRef(place);
  useEffect(() => {
    const last = before.current;
    before.current = place;
    if (typeof last !== "number" || typeof place !== "number" || place === last) return;
    setPassed(place > last);
  }, [place]);
  return passed;
}

/** Whether the place rests after a missed call; ends by itself when the time has come. */
export function useResting(notBefore: string | null): boolean {
  const [now, setNow] = useState(Date.now);
  const until = notBefore === null ? 0 : Date.parse(notBefore);
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), Math.max(0, until - Date.now()));
    return () => clearTimeout(timer);
  }, [until]);
  return until > now;
}

const STATUS_EVERY_MS = 60_000;

/** The newest text, but changed at most once a minute: a status that does not chatter. */
export function useCalm(text: string): string {
  const [said, setSaid] = useState(text);
  const last = useRef(0);
  useEffect(() => {
    // What stood there when the page came was read with it.
    if (text === said) return undefined;
    const pause = Math.max(0, last.current + STATUS_EVERY_MS - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      setSaid(text);
    }, pause);
    return () => clearTimeout(timer);
  }, [said, text]);
  return said;
}
