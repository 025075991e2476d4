import { useQueryClient } from "@tanstack/react-query";
import { useOverview } from "../../app/overview";
import { isBehind, overviewBehind, overviewHinted } from "../../wire/fresh";
import { useLive, useLiveEvent, useWatch } from "../../wire/hooks";
import { keys } from "../../wire/keys";
import type { Overview } from "../../wire/types";

/** The patient's open places and visits, kept fresh for as long as there are any. */
export function useLiveOverview() {
  const queries = useQueryClient();
  const { data } = useOverview();
  const again = () => void queries.invalidateQueries({ queryKey: keys.overview });
  const tickets = data?.tickets ?? [];
  const visits = data?.visits ?? [];

  const waiting = tickets.length + visits.length > 0;
  useLive("patient", waiting);
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
  return { data, waiting };
}
