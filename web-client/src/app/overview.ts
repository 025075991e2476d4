import { useQuery } from "@tanstack/react-query";
import { keys } from "../wire/keys";
import { api } from "../wire/rest";
import { useSession } from "./current";

/** Where was I? The open places in queues and the open visits of whoever is logged in. */
export function useOverview() {
  const session = useSession("patient");
  return useQuery({
    queryKey: keys.overview,
    queryFn: ({ signal }) => api.get("/api/v1/patient/overview", { signal }),
    enabled: Boolean(session.data),
  });
}
