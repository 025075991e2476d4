import { useQueryClient } from "@tanstack/react-query";
import { useT } from "../../i18n";
import { useErrorWords } from "../../ui";
import { useAction } from "../../wire/hooks";
import { keys } from "../../wire/keys";
import type { ApiError } from "../../wire/problem";
import { api } from "../../wire/rest";
import type { Audience } from "../../wire/types";

export const SHORTEST = 8;

/** Changes one's own password, and learns anew what the session may do. */
export function useChangePassword(audience: Audience, onDone: () => void) {
  const client = useQueryClient();
  return useAction(
    async (body: { current: string; new: string }, key) => {
      await api.put(`/api/v1/${audience}/password`, body, { key });
      await client.invalidateQueries({ queryKey: keys.session(audience) });
    },
    { onSuccess: onDone },
  );
}

/** What is wrong, and what to do now. */
export function usePasswordWords(): (error: ApiError) => string {
  const t = useT();
  const words = useErrorWords();
  return (error) => {
    switch (error.code) {
      case "password.wrong":
        return t("password.wrong");
      case "password.same":
        return t("password.same");
      case "password.too_easy":
        return t("password.too_easy");
      case "login.throttled":
        return t("help.login.throttled", {
          count: Math.ceil((error.retryAfterMs ?? 30_000) / 1000),
        });
      default: {
        const { title, text } = words(error);
        return `${title}. ${text}`;
      }
    }
  };
}
