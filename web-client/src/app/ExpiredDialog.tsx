import { useLocation } from "wouter";
import { LoginForm } from "../features/login/LoginForm";
import { useT } from "../i18n";
import { Button, Dialog } from "../ui";
import { sessionGate } from "../wire/sessionGate";
import type { Audience } from "../wire/types";
import { sayGoodbye } from "./login";

/** Over whatever page one is on when the session runs out; the page beneath is not touched. */
export function ExpiredDialog({ audience }: { audience: Audience }) {
  const t = useT();
  const [, go] = useLocation();
  const giveUp = () => {
    sessionGate.settle(audience, "given_up");
    sayGoodbye(audience);
    go(audience === "patient" ? "/" : "/personal");
  };
  return (
    <Dialog
      open
      onClose={giveUp}
      dismissable={false}
      title={t("help.session.title")}
      actions={
        <Button kind="quiet" onClick={giveUp}>
          {t("help.session.give_up")}
        </Button>
      }
    >
      <p>{t("help.session.text")}</p>
      <LoginForm audience={audience} compact onDone={() => undefined} />
    </Dialog>
  );
}
