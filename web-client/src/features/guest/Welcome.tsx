import { useState } from "react";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { Button, Card, Drawing, Notice, PageHeading } from "../../ui";
import { useAction } from "../../wire/hooks";
import type { ApiError } from "../../wire/problem";
import { api } from "../../wire/rest";
import type { Communication, GuestVisit } from "../../wire/types";
import { CommunicationCards } from "../needs/CommunicationCards";
import css from "./Guest.module.css";
import type { Invitation } from "./invitation";
import { Shell } from "./Shell";

interface Props {
  invitation: Invitation;
  onUsed: (visit: GuestVisit) => void;
  /** The invitation leads nowhere. */
  onGiveUp: () => void;
}

/** After these there is no use in trying again with the same invitation. */
const FINAL = {
  "guest.invitation_unknown": "unknown",
  "guest.invitation_used": "used",
  "guest.invitation_over": "over",
  "guest.own_visit": "own_visit",
} as const;

function finalOf({ code }: ApiError): (typeof FINAL)[keyof typeof FINAL] | null {
  return code in FINAL ? FINAL[code as keyof typeof FINAL] : null;
}

/** Before anything happens: what this is, and what will happen. */
export function Welcome({ invitation, onUsed, onGiveUp }: Props) {
  const t = useT();
  const [communication, setCommunication] = useState<Communication>("speech");
  const { run, busy, error } = useAction(
    async (wanted: Communication, key) => {
      const { token, key: once } = invitation;
      const came = await api.post("/api/v1/guest/session", { token }, { key: once });
      // An interpreter is invited as one who signs: only who says something changes it.
      if (wanted === "speech") return came;
      const said = { communication: wanted };
      // She is in by now, and can't come in twice: what was not heard is no reason to stay out.
      return await api.put("/api/v1/guest/visit/communication", said, { key }).catch(() => came);
    },
    { onSuccess: onUsed },
  );
  usePageTitle(t("guest.welcome.title"), "welcome");
  const problem = error === null ? null : finalOf(error);
  if (problem !== null) {
    return (
      <Shell>
        <Drawing name="trouble" />
        <PageHeading>{t(`guest.problem.${problem}.title`)}</PageHeading>
        <p>{t(`guest.problem.${problem}.text`)}</p>
        <div className={css.actions}>
          <Button kind="secondary" onClick={onGiveUp}>
            {t("common.continue")}
          </Button>
        </div>
      </Shell>
    );
  }
  return (
    <Shell>
      <Drawing name="door" />
      <PageHeading lead={t("guest.welcome.lead")}>{t("guest.welcome.title")}</PageHeading>
      <Card as="section">
        <h2>{t("guest.welcome.how")}</h2>
        <ol className={css.steps}>
          {([1, 2, 3] as const).map((step) => (
            <li key={step}>{t(`guest.welcome.how.${step}`)}</li>
          ))}
        </ol>
      </Card>
      <CommunicationCards
        legend={t("needs.title")}
        value={communication}
        onChange={setCommunication}
      />
      <p>{t("guest.welcome.private")}</p>
      {error !== null && (
        <Notice tone="warn" live="assertive">
          {t(error.code === "login.throttled" ? "guest.problem.wait" : "guest.problem.network")}
        </Notice>
      )}
      <div className={css.actions}>
        <Button size="large" icon="forward" busy={busy} onClick={() => run(communication)}>
          {t("guest.welcome.go")}
        </Button>
      </div>
    </Shell>
  );
}
