import { Suspense, useSyncExternalStore } from "react";
import { sessionGate } from "../wire/sessionGate";
import type { Audience } from "../wire/types";
import { later } from "./later";

const ExpiredDialog = later(async () => (await import("./ExpiredDialog")).ExpiredDialog, "help");

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
