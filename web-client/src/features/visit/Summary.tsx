import type { ReactNode } from "react";
import { usePageTitle } from "../../app/page";
import { type MessageKey, useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { Button, Card, Drawing, LinkButton, Notice, PageHeading } from "../../ui";
import type { Visit } from "../../wire/types";
import { Outside } from "./Outside";
import { isOpen } from "./useCall";
import css from "./Summary.module.css";

interface Props {
  visit: Visit;
  /** The server has not been told yet that the patient left. */
  untold: boolean;
  returning: boolean;
  onReturn: () => void;
}

const DRAWING = {
  left: "door",
  ended: "done",
  returned: "waiting",
  missed: "waiting",
  no_response: "trouble",
} as const;

const KIND = {
  called: "left",
  in_progress: "left",
  ended: "ended",
  documented: "ended",
  returned: "returned",
  // The first call without an answer: the place is kept. The second is a no-show.
  no_response: "missed",
  no_show: "no_response",
} as const;

function howKey({ started_as, mode }: Pick<Visit, "started_as" | "mode">): MessageKey {
  if (started_as === mode) return `visit.summary.how.${mode}`;
  return started_as === "video" ? "visit.summary.how.video_chat" : "visit.summary.how.chat_video";
}

/** The patient's page after the visit, or outside it: what happened, what comes, where to find it. */
export function Summary({ visit, untold, returning, onReturn }: Props) {
  const t = useT();
  const { date, time, duration } = useFormat();
  const name = visit.clinician.name;
  const open = isOpen(visit);
  const kind = KIND[visit.state];
  const title = t(`visit.summary.${kind}.title`);
  usePageTitle(title, "outside");
  const met = kind === "ended" || kind === "left";
  const until = visit.ended_at ?? visit.patient_left_at;

  const fact = (term: MessageKey, value: ReactNode) => (
    <div>
      <dt>{t(term)}</dt>
      <dd>{value}</dd>
    </div>
  );

  return (
    <Outside>
      <Drawing name={DRAWING[kind]} />
      <PageHeading lead={t(`visit.summary.${kind}.text`, { name })}>{title}</PageHeading>
      {open && (
        <div className={css.actions}>
          <Button size="large" icon="video" busy={returning} onClick={onReturn}>
            {t("visit.summary.return")}
          </Button>
        </div>
      )}
      {untold && (
        <Notice tone="warn" live="polite">
          {t("visit.summary.unsent", { name })}
        </Notice>
      )}
      {(kind === "returned" || kind === "missed") && (
        <LinkButton href={`/ko/${visit.ticket_id}`}>{t("visit.summary.returned.go")}</LinkButton>
      )}
      {met && (
        <Card>
          <dl className={css.facts}>
            {fact("visit.summary.met", `${name}, ${t(`common.profession.${visit.profession}`)}`)}
            {fact("visit.summary.where", visit.clinic_name)}
            {fact(
              "visit.summary.when",
              `${date(visit.called_at)}, ${time(visit.joined_at ?? visit.called_at)}`,
            )}
            {visit.joined_at !== null &&
              until !== null &&
              fact("visit.summary.how_long", duration(visit.joined_at, until))}
            {fact("visit.summary.how", t(howKey(visit)))}
          </dl>
        </Card>
      )}
      {met && (
        <section className={css.next}>
          <h2>{t("visit.summary.next.title")}</h2>
          <p>{t("visit.summary.next.text", { name })}</p>
        </section>
      )}
      <div className={css.actions}>
        {kind === "ended" && (
          <LinkButton href={`/mina-besok/${visit.id}`}>{t("visit.summary.find")}</LinkButton>
        )}
        <LinkButton href="/" kind={kind === "ended" ? "quiet" : "secondary"}>
          {t("visit.summary.home")}
        </LinkButton>
      </div>
    </Outside>
  );
}
