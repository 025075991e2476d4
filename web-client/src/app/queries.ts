import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../wire/problem";

/** `rest` retries what is worth it: here only a lost network is waited out. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      gcTime: 10 * 60_000,
      networkMode: "always",
      retry: (count, error) => count < 2 && error instanceof ApiError && error.status === 0,
      retryDelay: 3_000,
    },
    mutations: { networkMode: "always", retry: false },
  },
});
