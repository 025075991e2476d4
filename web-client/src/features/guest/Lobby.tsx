import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { Button, Card, Notice, PageHeading } from "../../ui";
import { useAction, useCalmStatus } from "../../wire/hooks";
import { api } from "../../wire/rest";
import type { GuestVisit } from "../../wire/types";
import { partOf } from "../visit/viewer";
import css from "./Guest.module.css";
import { Preview } from "./Preview";
import { Shell } from "./Shell";

interface Props {
  visit: GuestVisit;
  onMoved: (visit: GuestVisit) => void;
}

/** Until the clinician lets one in: who asked, as what one comes, and that nothing is to do. */
export function Lobby({ visit, onMoved }: Props) {
  const t = useT();
  const status = useCalmStatus("guest");
  const leave = useAction(
    (_input: null, key) => api.post("/api/v1/guest/visit/leave", {}, { key }),
    { onSuccess: onMoved },
  );
  usePageTitle(t("guest.lobby.title"), "lobby");
  const { clinician_name: name, clinic_name: clinic } = visit;
  // The profession rather than the title: it comes in the reader's language.
  const title = t(`common.profession.${visit.profession}`);
  return (
    <Shell>
      <PageHeading lead={t("guest.lobby.lead", { name })}>{t("guest.lobby.title")}</PageHeading>
      <p className={css.wait} role="status">
        <span className={css.lamp} aria-hidden="true" />
        {t(status === "fine" ? "guest.lobby.wait" : "guest.lobby.line")}
      </p>
      <Card>
        <dl className={css.facts}>
          <div>
            <dt>{t("guest.lobby.by")}</dt>
            <dd>{t("guest.lobby.who", { name, title, clinic })}</dd>
          </div>
          <div>
            <dt>{t("guest.lobby.as")}</dt>
            <dd className={css.role}>{partOf(visit, t)}</dd>
          </div>
          <div>
            <dt>{t("guest.lobby.name")}</dt>
            <dd>{visit.name}</dd>
          </div>
        </dl>
      </Card>
      <Preview choice={visit.communication === "speech"} />
      {leave.error !== null && (
        <Notice tone="warn" live="assertive">
          {t("guest.problem.network")}
        </Notice>
      )}
      <div className={css.actions}>
        <Button kind="quiet" busy={leave.busy} onClick={() => leave.run(null)}>
          {t("guest.lobby.leave")}
        </Button>
      </div>
    </Shell>
  );
}
