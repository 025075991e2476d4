import { useQuery } from "@tanstack/react-query";
import { usePageTitle } from "../../../app/page";
import { useT } from "../../../i18n";
import { EmptyState, ErrorState, Loading, Notice, PageHeading } from "../../../ui";
import { toApiError } from "../../../wire/problem";
import type { VisitSummary } from "../../../wire/types";
import { isOpen, needsSigning } from "../visit/stage";
import styles from "./MyVisits.module.css";
import { VisitsTable } from "./VisitsTable";
import { visitsQuery } from "./visitsQuery";

/** `/personal/mina-besok`: what waits for a signature first, then the rest, newest first. */
export function MyVisitsPage() {
  const t = useT();
  const visits = useQuery(visitsQuery);
  usePageTitle(t("staff.nav.mine"));
  return (
    <div className={styles.page}>
      <PageHeading lead={t("staff.mine.lead")}>{t("staff.nav.mine")}</PageHeading>
      {visits.data !== undefined && <Visits visits={visits.data} />}
      {visits.data === undefined &&
        (visits.error === null ? (
          <Loading />
        ) : (
          <ErrorState error={toApiError(visits.error)} onRetry={() => void visits.refetch()} />
        ))}
    </div>
  );
}

function Visits({ visits }: { visits: readonly VisitSummary[] }) {
  const t = useT();
  if (visits.length === 0) {
    return (
      <EmptyState drawing="empty" title={t("staff.mine.empty")}>
        {t("staff.mine.empty_what")}
      </EmptyState>
    );
  }
  const open = visits.filter(isOpen);
  const unsigned = visits.filter(needsSigning);
  const rest = visits.filter((visit) => !isOpen(visit) && !needsSigning(visit));
  return (
    <>
      {open.length > 0 && <VisitsTable title={t("staff.mine.open")} visits={open} />}
      {unsigned.length > 0 ? (
        <VisitsTable title={t("staff.mine.unsigned")} visits={unsigned} />
      ) : (
        <Notice tone="ok">{t("staff.mine.all_signed")}</Notice>
      )}
      {rest.length > 0 && <VisitsTable title={t("staff.mine.earlier")} visits={rest} />}
    </>
  );
}
