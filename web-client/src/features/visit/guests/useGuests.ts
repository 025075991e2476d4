import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { newest } from "../../../wire/fresh";
import { useWatch } from "../../../wire/hooks";
import { guestsQuery } from "../../../wire/queries";
import type { Audience, Guest, GuestList } from "../../../wire/types";

const NOBODY: readonly Guest[] = [];

/**
 * Who was invited and where they are; fetched anew when the server tells of a newer list, and by the
 * heartbeat when that failed. When the socket is blocked every beat fetches.
 */
export function useGuests(audience: Audience, visitId: string, told: number) {
  const client = useQueryClient();
  const options = guestsQuery(audience, visitId);
  const { data, refetch } = useQuery(options);
  const held = data?.version;
  useEffect(() => {
    if (held !== undefined && held < told) void refetch();
  }, [held, refetch, told]);
  useWatch(audience, {
    onSync: (answer) => {
      const theirs = answer?.visits.find((one) => one.visit_id === visitId);
      if (answer && (!theirs || (held ?? -1) >= theirs.guests_version)) return;
      void refetch();
    },
  });
  const [scope, kind, id] = options.queryKey;
  const keep = useCallback(
    (list: GuestList) => {
      client.setQueryData<GuestList>([scope, kind, id], (before) => newest(before, list));
    },
    [client, id, kind, scope],
  );
  return { guests: data?.guests ?? NOBODY, keep, refetch };
}
