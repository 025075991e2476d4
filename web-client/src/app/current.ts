import { queryOptions, useQuery } from "@tanstack/react-query";
import { keys } from "../wire/keys";
import { isCode } from "../wire/problem";
import { api } from "../wire/rest";
import { sessionGate } from "../wire/sessionGate";
import type { Audience, Session } from "../wire/types";
import { queries } from "./queries";

async function fetchSession(audience: Audience, signal: AbortSignal): Promise<Session | null> {
  try {
    const session = await api.get(`/api/v1/${audience}/session`, { signal });
    sessionGate.opened(audience);
    return session;
  } catch (error) {
    if (isCode(error, "session.required")) return null;
    throw error;
  }
}

export function sessionQuery(audience: Audience) {
  return queryOptions({
    queryKey: keys.session(audience),
    queryFn: ({ signal }) => fetchSession(audience, signal),
    staleTime: 5 * 60_000,
  });
}

/** Who is logged in: `undefined` while it is not known, `null` when nobody is. */
export function useSession(audience: Audience) {
  return useQuery(sessionQuery(audience));
}

/** Forgets what one audience has fetched; the other, side by side in the browser, keeps its own. */
export function forget(audience: Audience): void {
  sessionGate.closed(audience);
  queries.setQueryData(keys.session(audience), null);
  queries.removeQueries({
    predicate: ({ queryKey }) => queryKey[0] === audience && queryKey[1] !== "session",
  });
}
