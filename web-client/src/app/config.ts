import { queryOptions, useQuery } from "@tanstack/react-query";
import { keys } from "../wire/keys";
import { api } from "../wire/rest";
import type { Config } from "../wire/types";

/** Until the server has answered, the numbers to call are already there. */
const BEFORE: Config = {
  region_name: "",
  version: "",
  demo: false,
  demo_logins: [],
  emergency_number: "112",
  advice_number: "1177",
};

export const configQuery = queryOptions({
  queryKey: keys.config,
  queryFn: ({ signal }) => api.get("/api/v1/config", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export function useConfig(): Config {
  return useQuery(configQuery).data ?? BEFORE;
}

/** Whether the server may still answer; a page that it changes much waits for it. */
export function useConfigPending(): boolean {
  return useQuery(configQuery).isPending;
}
