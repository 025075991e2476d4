import type { ReactNode } from "react";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import {
  Avatar,
  Card,
  Column,
  ErrorState,
  LinkButton,
  Loading,
  Notice,
  PageHeading,
} from "../../ui";
import { useLive } from "../../wire/hooks";
import { toApiError } from "../../wire/problem";
import type { Visit } from "../../wire/types";
import { Conversation } from "../chat";
import { useVisit } from "../visit/useVisit";
import css from "./VisitPage.module.css";

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Facts({ visit }: { visit: Visit }) {
  const t = useT();
  const format = useFormat();
  const first = t(`common.channel.${visit.started_as}`);
  const then = t(`common.channel.${visit.mode}`).toLowerCase();
  return (
    <Card as="section" className={css.facts}>
      <div className={css.who}>
        <Avatar name={visit.clinician.name} />
        <p>
          <span className={css.term}>{t("patient.visit.who")}</span>
          <strong>{visit.clinician.name}</strong>
          <span>{t(`common.profession.${visit.profession}`)}</span>
        </p>
      </div>
      <dl>
        <Fact term={t("patient.visit.where")}>{visit.clinic_name}</Fact>
        <Fact term={t("patient.visit.when")}>{format.dateTime(visit.called_at)}</Fact>
        {visit.joined_at && visit.ended_at && (
          <Fact term={t("patient.visit.how_long")}>
            {format.duration(visit.joined_at, visit.ended_at)}
          </Fact>
        )}
        <Fact term={t("patient.visit.how")}>
          {visit.mode === visit.started_as
            ? first
            : t("patient.visit.how_changed", { first, then })}
        </Fact>
      </dl>
    </Card>
  );
}

function SignedNote({ visit }: { visit: Visit }) {
  const t = useT();
  const format = useFormat();
  const { note } = visit;
  if (!note?.signed_at) {
    return visit.state === "ended" ? (
      <Notice tone="info" icon="document">
        {t("patient.visit.note_missing")}
      </Notice>
    ) : null;
  }
  return (
    <Card as="section" labelledBy="note" className={css.part}>
      <h2 id="note">{t("patient.visit.note")}</h2>
      <p className={css.text}>{note.text}</p>
      <p className={css.quiet}>
        {t("patient.visit.note_by", {
          name: note.signed_by ?? visit.clinician.name,
          time: format.dateTime(note.signed_at),
        })}
      </p>
    </Card>
  );
}

/** One visit to read again: whom, when, the signed note, and everything that was written. */
export function VisitPage({ visitId }: { visitId: string }) {
  const t = useT();
  const format = useFormat();
  const query = useVisit("patient", visitId);
  const visit = query.data;
  const open = visit?.state === "in_progress" || visit?.state === "called";
  // A visit that is over but for its note: the note shows when it is signed, without a reload.
  useLive("patient", open || visit?.state === "ended");
  const title = visit
    ? t("patient.visit.title", { profession: visit.profession })
    : t("patient.visits.title");
  usePageTitle(title);
  const back = { href: "/mina-besok", label: t("patient.visit.back") };
  if (!visit) {
    return (
      <Column back={back}>
        {query.error ? (
          <ErrorState
            heading="h1"
            error={toApiError(query.error)}
            onRetry={() => void query.refetch()}
          />
        ) : (
          <Loading />
        )}
      </Column>
    );
  }
  return (
    <Column back={back}>
      <PageHeading lead={format.date(visit.called_at)}>{title}</PageHeading>
      {open && (
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
      )}
      <Facts visit={visit} />
      <SignedNote visit={visit} />
      <Card as="section" labelledBy="reason" className={css.part}>
        <h2 id="reason">{t("patient.visit.reason")}</h2>
        <p className={css.text}>{visit.reason}</p>
      </Card>
      <Card as="section" labelledBy="conversation" className={css.part}>
        <h2 id="conversation">{t("patient.visit.conversation")}</h2>
        <Conversation audience="patient" visitId={visitId} otherName={visit.clinician.name} />
      </Card>
      {!open && <p className={css.quiet}>{t("patient.visit.worse")}</p>}
    </Column>
  );
}
