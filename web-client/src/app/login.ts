import { useCallback } from "react";
import { useAction } from "../wire/hooks";
import { keys } from "../wire/keys";
import { api } from "../wire/rest";
import { sessionGate } from "../wire/sessionGate";
import { getSocket } from "../wire/socket";
import type { Audience, Session } from "../wire/types";
import { queries } from "./queries";
import { forget } from "./current";

interface Credentials {
  username: string;
  password: string;
}

/** Takes a new session into use. Somebody else than before starts from nothing. */
function adopt(audience: Audience, session: Session): void {
  const before = queries.getQueryData<Session | null>(keys.session(audience));
  const renewed = sessionGate.isExpired(audience);
  const same = before?.account.id === session.account.id;
  if (!same) forget(audience);
  sessionGate.opened(audience);
  queries.setQueryData(keys.session(audience), session);
  if (renewed) sessionGate.settle(audience, same ? "renewed" : "given_up");
  sessionGate.opened(audience);
  getSocket(audience).reconnect();
  void queries.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] === audience && queryKey[1] !== "session",
  });
}

export function useLogin(audience: Audience, onSuccess?: (session: Session) => void) {
  return useAction(
    async (credentials: Credentials, key) => {
      const session = await api.post<Session>(`/api/v1/${audience}/session`, credentials, { key });
      adopt(audience, session);
      return session;
    },
    onSuccess ? { onSuccess } : {},
  );
}

export function useLogout(audience: Audience, onSuccess?: () => void) {
  const action = useAction(
    async (_input: null, key) => {
      await api.del(`/api/v1/${audience}/session`, { key });
      forget(audience);
    },
    onSuccess ? { onSuccess } : {},
  );
  const { run } = action;
  return { ...action, logout: useCallback(() => run(null), [run]) };
}
