import { keys } from "../../../wire/keys";
import { api } from "../../../wire/rest";
import type { VisitSummary } from "../../../wire/types";

/** The clinician's own visits of late, newest first. */
export const visitsQuery = {
  queryKey: keys.visits("staff"),
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const answer = await api.get<{ visits: VisitSummary[] }>("/api/v1/staff/visits", { signal });
    return answer.visits;
  },
};
