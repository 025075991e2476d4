import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useLiveEvent } from "../../wire/hooks";
import { keys } from "../../wire/keys";
import { api } from "../../wire/rest";
import type { Audience, Channel, ModeReason, Visit } from "../../wire/types";

/** The visit as the server has it; a hint that it changed fetches it again. */
export function useVisit(audience: Audience, visitId: string) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: keys.visit(audience, visitId),
    queryFn: ({ signal }) => api.get<Visit>(`/api/v1/${audience}/visits/${visitId}`, { signal }),
  });
  const { refetch } = query;
  useLiveEvent(audience, "visit.changed", (hint) => {
    if (hint.visit_id !== visitId) return;
    const held = client.getQueryData<Visit>(keys.visit(audience, visitId));
    if (held === undefined || hint.version > held.version) void refetch();
  });
  return query;
}

/** Keeps a visit that the server answered with, unless something newer came in between. */
export function useKeepVisit(audience: Audience): (visit: Visit) => void {
  const client = useQueryClient();
  return useCallback(
    (visit) => {
      client.setQueryData<Visit>(keys.visit(audience, visit.id), (held) =>
        held !== undefined && held.version > visit.version ? held : visit,
      );
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
  return await api.put<Visit>(`/api/v1/${audience}/visits/${visitId}/mode`, { mode, reason });
}
