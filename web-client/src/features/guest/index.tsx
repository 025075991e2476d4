import { useEffect, useState } from "react";
import { ErrorState, Loading } from "../../ui";
import { toApiError } from "../../wire/problem";
import { getSocket } from "../../wire/socket";
import { Ending } from "./Ending";
import { GuestRoom } from "./GuestRoom";
import { forgetInvitation, takeInvitation } from "./invitation";
import { Lobby } from "./Lobby";
import { Shell } from "./Shell";
import { useGuest } from "./useGuest";
import { Welcome } from "./Welcome";

/** `/gast`: somebody whom the clinician has asked into a visit, from the link to the way out. */
export default function GuestPage() {
  const [invitation, setInvitation] = useState(takeInvitation);
  const [gone, setGone] = useState(false);
  const { query, keep } = useGuest();

  useEffect(() => {
    // Another link, opened in the same tab.
    const changed = (): void => setInvitation(takeInvitation());
    window.addEventListener("hashchange", changed);
    return () => window.removeEventListener("hashchange", changed);
  }, []);
  const used = (): void => {
    forgetInvitation();
    setInvitation(null);
    setGone(false);
  };

  if (invitation !== null) {
    return (
      <Welcome
        key={invitation.key}
        invitation={invitation}
        onUsed={(visit) => {
          used();
          keep(visit);
          getSocket("guest").reconnect();
        }}
        onGiveUp={() => {
          used();
          void query.refetch();
        }}
      />
    );
  }
  if (query.data === undefined) {
    return (
      <Shell>
        {query.error === null ? (
          <Loading />
        ) : (
          <ErrorState
            heading="h1"
            error={toApiError(query.error)}
            onRetry={() => void query.refetch()}
          />
        )}
      </Shell>
    );
  }
  const { state, visit } = query.data;
  if (visit?.state === "waiting") return <Lobby visit={visit} onMoved={keep} />;
  if (visit?.state === "admitted") {
    return <GuestRoom key={visit.visit_id} visit={visit} onMoved={keep} />;
  }
  return (
    <Ending
      state={state}
      visit={visit}
      gone={gone}
      onMoved={keep}
      onGone={() => {
        setGone(true);
        void query.refetch();
      }}
    />
  );
}
