import { lazy, Suspense, useSyncExternalStore } from "react";
import { loadAreas } from "../i18n";
import { sessionGate } from "../wire/sessionGate";
import type { Audience } from "../wire/types";

const ExpiredDialog = lazy(async () => {
  const [module] = await Promise.all([import("./ExpiredDialog"), loadAreas("help")]);
  return { default: module.ExpiredDialog };
});

function expiredAudience(): Audience | null {
  if (sessionGate.isExpired("patient")) return "patient";
  return sessionGate.isExpired("staff") ? "staff" : null;
}

/** Fetched when it is needed, which for most people is never. */
export function LoginGate() {
  const audience = useSyncExternalStore(sessionGate.subscribe, expiredAudience);
  if (audience === null) return null;
  return (
    <Suspense fallback={null}>
      <ExpiredDialog audience={audience} />
    </Suspense>
  );
}
