import { useCallback } from "react";
import { useAction } from "../wire/hooks";
import { keys } from "../wire/keys";
import { api } from "../wire/rest";
import { sessionGate } from "../wire/sessionGate";
import { getSocket } from "../wire/socket";
import type { Audience, Session } from "../wire/types";
import { queries } from "./queries";
import { forget } from "./current";
import { tellOtherTabs } from "./tabs";
import { claimTraces, forgetTraces } from "./traces";

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
  claimTraces(audience, session.account.id);
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
      const session = await api.post(`/api/v1/${audience}/session`, credentials, { key });
      adopt(audience, session);
      return session;
    },
    onSuccess ? { onSuccess } : {},
  );
}

/** Nothing of the person stays in this browser: not on the page, not in storage, in no other tab. */
export function sayGoodbye(audience: Audience): void {
  forget(audience);
  forgetTraces(audience);
  tellOtherTabs(audience);
}

export function useLogout(audience: Audience, onSuccess?: () => void) {
  const action = useAction(
    async (_input: null, key) => {
      // From here on nobody asks for the password because the session ends: that is the wish.
      sessionGate.closed(audience);
      try {
        await api.del(`/api/v1/${audience}/session`, { key });
      } catch (error) {
        sessionGate.opened(audience);
        throw error;
      }
      sayGoodbye(audience);
    },
    onSuccess ? { onSuccess } : {},
  );
  const { run } = action;
  return { ...action, logout: useCallback(() => run(null), [run]) };
}
