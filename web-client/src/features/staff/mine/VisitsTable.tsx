import { Link } from "wouter";
import { useT } from "../../../i18n";
import { useFormat } from "../../../i18n/format";
import { Icon, Table } from "../../../ui";
import type { VisitSummary } from "../../../wire/types";
import { isOpen, needsSigning } from "../visit/stage";
import { VisitStatePill } from "../visit/VisitStatePill";
import styles from "./MyVisits.module.css";

export function VisitsTable({ title, visits }: { title: string; visits: readonly VisitSummary[] }) {
  const t = useT();
  return (
    <section className={styles.group}>
      <h2>
        {title} <span className={styles.count}>{visits.length}</span>
      </h2>
      <Table caption={title} captionHidden>
        <thead>
          <tr>
            <th scope="col">{t("staff.column.when")}</th>
            <th scope="col">{t("staff.column.patient")}</th>
            <th scope="col">{t("staff.column.reason")}</th>
            <th scope="col">{t("staff.column.channel")}</th>
            <th scope="col">{t("staff.column.state")}</th>
            <th scope="col">{t("staff.column.action")}</th>
          </tr>
        </thead>
        <tbody>
          {visits.map((visit) => (
            <VisitRow key={visit.id} visit={visit} />
          ))}
        </tbody>
      </Table>
    </section>
  );
}

function VisitRow({ visit }: { visit: VisitSummary }) {
  const t = useT();
  const format = useFormat();
  const { patient } = visit;
  const verb = isOpen(visit)
    ? t("staff.open.back")
    : t(needsSigning(visit) ? "staff.mine.finish" : "staff.mine.read");
  return (
    <tr className={styles.row}>
      <td data-cell="when">
        <time dateTime={visit.called_at}>{format.dateTime(visit.called_at)}</time>
      </td>
      <td data-cell="patient">
        {patient === null ? (
          <span className={styles.closed}>{t("staff.mine.name_closed")}</span>
        ) : (
          t("staff.name_age", { name: patient.name, age: patient.age })
        )}
      </td>
      <td data-cell="reason">
        <span className={styles.reason}>{visit.reason}</span>
      </td>
      <td data-cell="channel">
        <span className={styles.channel}>
          <Icon name={visit.mode} size={18} />
          {t(`common.channel.${visit.mode}`)}
        </span>
      </td>
      <td data-cell="state">
        <VisitStatePill visit={visit} />
      </td>
      <td data-cell="action">
        <Link
          href={`/personal/besok/${visit.id}`}
          className={styles.link}
          aria-label={t("staff.mine.link", { verb, name: patient?.name ?? visit.reason })}
        >
          {verb}
          <Icon name="chevron" size={18} />
        </Link>
      </td>
    </tr>
  );
}
