import { usePageTitle } from "../../../app/page";
import { useT } from "../../../i18n";
import { LinkButton, PageHeading } from "../../../ui";
import type { Visit } from "../../../wire/types";
import styles from "./Unmet.module.css";
import { VisitStatePill } from "./VisitStatePill";

/** A visit that never became a meeting: no answer, no-show, left, or back in the queue. */
export function Unmet({ visit }: { visit: Visit }) {
  const t = useT();
  const title =
    visit.patient === null
      ? t("staff.patient.closed")
      : t("staff.visit.title", { name: visit.patient.name });
  usePageTitle(title, "after");
  return (
    <div className={styles.unmet}>
      <PageHeading>{title}</PageHeading>
      <p>
        <VisitStatePill visit={visit} />
      </p>
      <p>{t("staff.visit.unmet")}</p>
      <LinkButton href="/personal">{t("staff.to_queue")}</LinkButton>
    </div>
  );
}
