import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useAction } from "../../wire/hooks";
import { api } from "../../wire/rest";
import type { Act, AdminClinic, StaffMember } from "../../wire/types";

const ALL = ["staff", "admin"] as const;
const BASE = "/api/v1/staff/admin";

interface Pages<T> {
  found: T[];
  more: boolean;
}

/** So many pages, one after the other: each begins where the one before ended. */
async function walk<T>(
  pages: number,
  page: (last: T | undefined) => Promise<Pages<T>>,
): Promise<Pages<T>> {
  const whole: Pages<T> = { found: [], more: true };
  for (let number = 0; number < pages && whole.more; number += 1) {
    const { found, more } = await page(whole.found.at(-1));
    whole.found.push(...found);
    whole.more = more;
  }
  return whole;
}

/** What was found before stays on the page until the next answer is there. */
const keep = <T>(held: T | undefined) => held;

export function usePeople(text: string, pages: number) {
  return useQuery({
    queryKey: [...ALL, "people", text, pages],
    queryFn: ({ signal }) =>
      walk<StaffMember>(pages, async (last) => {
        const asked = { text, ...(last !== undefined && { after: last.id }) };
        const { people, more } = await api.post(`${BASE}/people/search`, asked, { signal });
        return { found: people, more };
      }),
    placeholderData: keep,
  });
}

export function useClinics() {
  return useQuery({
    queryKey: [...ALL, "clinics"],
    queryFn: async ({ signal }): Promise<AdminClinic[]> =>
      (await api.get(`${BASE}/clinics`, { signal })).clinics,
  });
}

export function useActs(pages: number) {
  return useQuery({
    queryKey: [...ALL, "log", pages],
    queryFn: ({ signal }) =>
      walk<Act>(pages, async (last) => {
        const params = last === undefined ? {} : { older_than: last.id };
        const { acts, more } = await api.get(`${BASE}/log`, { signal, params });
        return { found: acts, more };
      }),
    placeholderData: keep,
  });
}

/** A change, after which everything here is fetched anew, and one's own rights with it. */
export function useChange<I, T>(
  fn: (input: I, key: string) => Promise<T>,
  onSuccess?: (result: T) => void,
) {
  const client = useQueryClient();
  return useAction(fn, {
    onSuccess: (result: T) => {
      void client.invalidateQueries({ queryKey: ALL });
      onSuccess?.(result);
    },
  });
}
