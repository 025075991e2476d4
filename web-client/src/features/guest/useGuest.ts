import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { isBehind, newest } from "../../wire/fresh";
import { useLive, useLiveEvent, useWatch } from "../../wire/hooks";
import { keys } from "../../wire/keys";
import { isCode } from "../../wire/problem";
import { api } from "../../wire/rest";
import type { GuestState, GuestVisit } from "../../wire/types";

/** Where the guest of this browser stands; the visit only while there is a session. */
export interface Standing {
  readonly state: GuestState | null;
  readonly visit: GuestVisit | null;
}

async function fetchStanding(signal: AbortSignal): Promise<Standing> {
  try {
    const visit = await api.get("/api/v1/guest/visit", { signal });
    return { state: visit.state, visit };
  } catch (error) {
    if (!isCode(error, "session.required")) throw error;
  }
  const { state } = await api.get("/api/v1/guest/session", { signal });
  return { state, visit: null };
}

/**
 * A hint that something moved fetches it again, and so does the heartbeat when a hint was lost. How
 * a session ended is asked of the server, which tells it also afterwards.
 */
export function useGuest() {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: keys.guest,
    queryFn: ({ signal }: { signal: AbortSignal }) => fetchStanding(signal),
  });
  const { refetch } = query;
  const visit = query.data?.visit ?? null;
  const look = (told: { version: number } | null): void => {
    if (told === null || isBehind(visit ?? undefined, told.version)) void refetch();
  };
  useLive("guest", visit !== null);
  useLiveEvent("guest", "guest.state", look);
  useLiveEvent("guest", "session.ended", () => look(null));
  useWatch("guest", {
    onSync: (answer) => {
      if (visit !== null) look(answer?.guest ?? null);
    },
  });
  const keep = useCallback(
    (came: GuestVisit) => {
      client.setQueryData<Standing>(keys.guest, (held) => {
        const latest = newest(
          held?.visit?.guest_id === came.guest_id ? held.visit : undefined,
          came,
        );
        return { state: latest.state, visit: latest };
      });
    },
    [client],
  );
  return { query, keep };
}
