import { replaceEqualDeep } from "@tanstack/react-query";
import { newest, type Versioned } from "./fresh";
import { keys } from "./keys";
import { api } from "./rest";
import type { Audience } from "./types";

/**
 * For what has a version: an answer that was long on its way never undoes what is newer. It is the
 * one door into the cache, for fetched, hinted and answered alike.
 */
const versioned = {
  structuralSharing: (held: unknown, came: unknown): unknown =>
    replaceEqualDeep(held, newest(held as Versioned | undefined, came as Versioned)),
};

/** One's own place in a queue. */
export function ticketQuery(id: string) {
  return {
    queryKey: keys.ticket(id),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.get(`/api/v1/patient/queue-tickets/${id}`, { signal }),
    ...versioned,
  };
}

/** Who was invited to a visit, and where they are. */
export function guestsQuery(audience: Audience, visitId: string) {
  return {
    queryKey: keys.guests(audience, visitId),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.get(`/api/v1/${audience}/visits/${visitId}/guests`, { signal }),
    ...versioned,
  };
}

/** A visit as one of its parties gets it. */
export function visitQuery(audience: Audience, id: string) {
  return {
    queryKey: keys.visit(audience, id),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.get(`/api/v1/${audience}/visits/${id}`, { signal }),
    ...versioned,
  };
}
