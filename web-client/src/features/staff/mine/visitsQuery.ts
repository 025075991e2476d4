import { keys } from "../../../wire/keys";
import { api } from "../../../wire/rest";

/** The clinician's own visits of late, newest first. */
export const visitsQuery = {
  queryKey: keys.visits("staff"),
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const answer = await api.get("/api/v1/staff/visits", { signal });
    return answer.visits;
  },
};
