import { useOverview } from "../../app/overview";
import { useT } from "../../i18n";
import { LinkButton, Notice } from "../../ui";
import css from "./Resume.module.css";

function Way() {
  const t = useT();
  const { data } = useOverview();
  const visit = data?.visits.find(({ state }) => state === "in_progress");
  if (visit) {
    return (
      <Notice
        tone="ok"
        icon={visit.mode}
        title={t("start.resume.visit")}
        actions={
          <LinkButton href={`/besok/${visit.id}`}>{t("start.resume.visit_action")}</LinkButton>
        }
      >
        {t("start.resume.visit_text", { name: visit.clinician.name })}
      </Notice>
    );
  }
  const ticket = data?.tickets.find(({ state }) => state === "waiting");
  if (!ticket) return null;
  return (
    <Notice
      tone="info"
      icon="clock"
      title={t("start.resume.waiting", { clinic: ticket.clinic_name })}
      actions={
        <LinkButton href={`/ko/${ticket.id}`}>{t("start.resume.waiting_action")}</LinkButton>
      }
    >
      {ticket.place !== null && t("start.resume.place", { place: ticket.place })}
    </Notice>
  );
}

/** Somebody who comes back finds the way to where they were before anything else. */
export function Resume() {
  return (
    <div className={css.resume}>
      <Way />
    </div>
  );
}
