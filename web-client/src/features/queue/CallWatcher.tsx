import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useAnnounce } from "../../app/announce";
import { VisitRoom } from "../../app/rooms";
import { useOverview } from "../../app/overview";
import { useT } from "../../i18n";
import { chime } from "../../media/chime";
import { useLive, useLiveEvent, useWatch } from "../../wire/hooks";
import { keys } from "../../wire/keys";
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
    const known = tickets.find(({ id }) => id === hint.ticket_id);
    if (known?.state !== hint.state || known.place !== hint.place) again();
  });
  useLiveEvent("patient", "visit.changed", (hint) => {
    const known = visits.find(({ id }) => id === hint.visit_id);
    if (known?.state !== hint.state || known.mode !== hint.mode) again();
  });
  useWatch("patient", {
    tickets: () => tickets.map(({ id, version }) => ({ ticket_id: id, version })),
    onSync: (answer) => {
      const same =
        answer !== null &&
        tickets.every(({ id, version }) =>
          answer.tickets.some((one) => one.ticket_id === id && one.version === version),
        );
      if (!same) again();
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
