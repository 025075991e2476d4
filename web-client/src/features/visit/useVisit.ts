import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { isBehind, newest } from "../../wire/fresh";
import { useLiveEvent, useWatch } from "../../wire/hooks";
import { keys } from "../../wire/keys";
import { visitQuery } from "../../wire/queries";
import { api } from "../../wire/rest";
import type { Audience, Channel, ModeReason, Visit } from "../../wire/types";

/**
 * The visit as the server has it: a hint that it changed fetches it again, and so does the heartbeat
 * when a hint was lost. When the socket is blocked every beat fetches.
 */
export function useVisit(audience: Audience, visitId: string) {
  const client = useQueryClient();
  const query = useQuery(visitQuery(audience, visitId));
  const { refetch } = query;
  const held = (): Visit | undefined => client.getQueryData(keys.visit(audience, visitId));
  useLiveEvent(audience, "visit.changed", (hint) => {
    if (hint.visit_id === visitId && isBehind(held(), hint.version)) void refetch();
  });
  useWatch(audience, {
    visits: () =>
      [held()].flatMap((visit) =>
        visit ? [{ visit_id: visitId, version: visit.version, last_seq: visit.last_seq }] : [],
      ),
    onSync: (answer) => {
      const theirs = answer?.visits.find((one) => one.visit_id === visitId);
      if (answer && (!theirs || !isBehind(held(), theirs.version))) return;
      void refetch();
    },
  });
  return query;
}

/** Keeps a visit that the server answered with, unless something newer came in between. */
export function useKeepVisit(audience: Audience): (visit: Visit) => void {
  const client = useQueryClient();
  return useCallback(
    (visit) => {
      client.setQueryData<Visit>(keys.visit(audience, visit.id), (held) => newest(held, visit));
    },
    [audience, client],
  );
}

export async function putMode(
  audience: Audience,
  visitId: string,
  mode: Channel,
  reason: ModeReason,
): Promise<Visit> {
  return await api.put(`/api/v1/${audience}/visits/${visitId}/mode`, { mode, reason });
}
