import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useAnnounce } from "../../app/announce";
import { VisitRoom } from "../../app/rooms";
import { useOverview } from "../../app/overview";
import { useT } from "../../i18n";
import { chime } from "../../media/chime";
import { isBehind, overviewBehind, overviewHinted } from "../../wire/fresh";
import { useLive, useLiveEvent, useWatch } from "../../wire/hooks";
import { keys } from "../../wire/keys";
import type { Overview } from "../../wire/types";
import { YourTurn } from "./YourTurn";

/**
 * On every page of the patient but the visit itself: while there is a place in a queue it listens,
 * and when the turn comes it takes over the page.
 */
export function CallWatcher() {
  const t = useT();
  const announce = useAnnounce();
  const queries = useQueryClient();
  const { data } = useOverview();
  const again = () => void queries.invalidateQueries({ queryKey: keys.overview });
  const tickets = data?.tickets ?? [];
  const visits = data?.visits ?? [];

  const waiting = tickets.length + visits.length > 0;
  useLive("patient", waiting);
  useEffect(() => {
    // When the turn comes, the network may be the one of a lift.
    if (waiting) VisitRoom.ahead();
  }, [waiting]);
  useLiveEvent("patient", "ticket.changed", (hint) => {
    const held = queries.getQueryData<Overview>(keys.overview);
    const now = held && overviewHinted(held, hint);
    // An answer on its way may be older than this hint.
    if (!now || queries.isFetching({ queryKey: keys.overview })) again();
    else queries.setQueryData<Overview>(keys.overview, now);
  });
  useLiveEvent("patient", "visit.changed", (hint) => {
    if (
      isBehind(
        visits.find(({ id }) => id === hint.visit_id),
        hint.version,
      )
    )
      again();
  });
  useWatch("patient", {
    tickets: () => tickets.map(({ id, version }) => ({ ticket_id: id, version })),
    visits: () => visits.map(({ id, version, last_seq }) => ({ visit_id: id, version, last_seq })),
    onSync: (answer) => {
      if (!data || answer === null || overviewBehind(data, answer)) again();
    },
  });

  useEffect(() => {
    // Any press or key lets the browser play the signal later on.
    const unlock = () => void chime.unlock();
    window.addEventListener("pointerdown", unlock, { once: true });
    window.addEventListener("keydown", unlock, { once: true });
    return () => {
      window.removeEventListener("pointerdown", unlock);
      window.removeEventListener("keydown", unlock);
    };
  }, []);

  const known = data?.visits;
  const called = known?.find(({ state }) => state === "called");
  const before = useRef<string | null>(null);
  useEffect(() => {
    const last = before.current;
    before.current = called?.id ?? null;
    const taken = known?.some(({ id }) => id === last);
    if (last !== null && !called && !taken) announce(t("patient.turn.gone"), "assertive");
  }, [announce, called, known, t]);

  return called ? <YourTurn key={called.id} visit={called} /> : null;
}
