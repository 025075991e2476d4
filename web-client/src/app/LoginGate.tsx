import { lazy, Suspense, useSyncExternalStore } from "react";
import { useLocation } from "wouter";
import { useT } from "../i18n";
import { Button, Dialog } from "../ui";
import { sessionGate } from "../wire/sessionGate";
import type { Audience } from "../wire/types";
import { forget } from "./session";

const LoginForm = lazy(async () => ({
  default: (await import("../features/login/LoginForm")).LoginForm,
}));

function expiredAudience(): Audience | null {
  if (sessionGate.isExpired("patient")) return "patient";
  return sessionGate.isExpired("staff") ? "staff" : null;
}

/** Over whatever page one is on when the session runs out; the page beneath is not touched. */
export function LoginGate() {
  const t = useT();
  const [, go] = useLocation();
  const audience = useSyncExternalStore(sessionGate.subscribe, expiredAudience);
  if (audience === null) return null;
  const giveUp = () => {
    sessionGate.settle(audience, "given_up");
    forget(audience);
    go(audience === "patient" ? "/" : "/personal");
  };
  return (
    <Dialog
      open
      onClose={giveUp}
      dismissable={false}
      title={t("common.session.title")}
      actions={
        <Button kind="quiet" onClick={giveUp}>
          {t("common.session.give_up")}
        </Button>
      }
    >
      <p>{t("common.session.text")}</p>
      <Suspense fallback={null}>
        <LoginForm audience={audience} compact onDone={() => undefined} />
      </Suspense>
    </Dialog>
  );
}
