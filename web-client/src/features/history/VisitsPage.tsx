import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { PROFESSION_ICON } from "../../app/clinics";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import {
  Button,
  Column,
  EmptyState,
  ErrorState,
  Icon,
  LinkButton,
  Loading,
  PageHeading,
  StatusPill,
} from "../../ui";
import { keys } from "../../wire/keys";
import { toApiError } from "../../wire/problem";
import { api } from "../../wire/rest";
import type { VisitSummary } from "../../wire/types";
import { Resume } from "../start/Resume";
import { stateLook } from "./states";
import css from "./VisitsPage.module.css";

const PAGE = 50;

function Row({ visit }: { visit: VisitSummary }) {
  const t = useT();
  const format = useFormat();
  const look = stateLook(visit.state);
  return (
    <li>
      <Link href={`/mina-besok/${visit.id}`} className={css.row}>
        <span className={css.icon}>
          <Icon name={PROFESSION_ICON[visit.profession]} size={28} />
        </span>
        <span className={css.words}>
          <span className={css.title}>
            {t(`common.profession.${visit.profession}`)}, {visit.clinician.name}
          </span>
          <span className={css.when}>{format.dateTime(visit.called_at)}</span>
          <span className={css.reason}>{visit.reason}</span>
        </span>
        <StatusPill tone={look.tone} icon={look.icon}>
          {t(`patient.state.${visit.state}`)}
        </StatusPill>
        <Icon name="chevron" size={20} className={css.go} />
      </Link>
    </li>
  );
}

export function VisitsPage() {
  const t = useT();
  usePageTitle(t("patient.visits.title"));
  const query = useInfiniteQuery({
    queryKey: keys.visits("patient"),
    queryFn: async ({ pageParam, signal }) =>
      (
        await api.get("/api/v1/patient/visits", {
          signal,
          params: { before: pageParam },
        })
      ).visits,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.id),
  });
  const visits = query.data?.pages.flat();
  return (
    <Column back={{ href: "/", label: t("common.nav.start") }}>
      <PageHeading lead={t("patient.visits.lead")}>{t("patient.visits.title")}</PageHeading>
      <Resume />
      {!visits && query.error && (
        <ErrorState error={toApiError(query.error)} onRetry={() => void query.refetch()} />
      )}
      {!visits && !query.error && <Loading />}
      {visits?.length === 0 && (
        <EmptyState
          drawing="empty"
          title={t("patient.visits.empty")}
          action={<LinkButton href="/traffa">{t("start.meet")}</LinkButton>}
        >
          {t("patient.visits.empty_text")}
        </EmptyState>
      )}
      {visits && visits.length > 0 && (
        <ul className={css.list}>
          {visits.map((visit) => (
            <Row key={visit.id} visit={visit} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button
          kind="secondary"
          busy={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t("patient.visits.more")}
        </Button>
      )}
    </Column>
  );
}
