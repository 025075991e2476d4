import { useT } from "../../../i18n";
import { useFormat } from "../../../i18n/format";
import { Icon, LinkButton } from "../../../ui";
import type { VisitSummary } from "../../../wire/types";
import styles from "./OpenVisits.module.css";

/** The way back to visits that go on: a reload, a crash or a closed window never loses one. */
export function OpenVisits({ visits }: { visits: readonly VisitSummary[] }) {
  const t = useT();
  const format = useFormat();
  if (visits.length === 0) return null;
  return (
    <section className={styles.open} aria-labelledby="open-visits">
      <h2 id="open-visits" className={styles.title}>
        <Icon name="clock" />
        {t("staff.open.title", { count: visits.length })}
      </h2>
      <ul className={styles.list}>
        {visits.map((visit) => (
          <li key={visit.id} className={styles.visit}>
            <span className={styles.who}>
              {visit.patient !== null &&
                t("staff.name_age", { name: visit.patient.name, age: visit.patient.age })}
            </span>
            <span className={styles.state}>
              {visit.state === "called"
                ? t("staff.open.called", { time: format.time(visit.called_at) })
                : t("staff.open.since", { time: format.time(visit.joined_at ?? visit.called_at) })}
            </span>
            <LinkButton href={`/personal/besok/${visit.id}`} icon={visit.mode} size="small">
              {t("staff.open.back")}
            </LinkButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
