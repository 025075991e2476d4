import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { LinkButton, Notice, useErrorWords } from "../../ui";
import type { ApiError } from "../../wire/problem";

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Why one could not join, and the way on from there. */
export function JoinProblem({ error }: { error: ApiError | null }) {
  const t = useT();
  const format = useFormat();
  const errorWords = useErrorWords();
  if (!error) return null;
  if (error.code === "queue.closed") {
    const next = text(error.extra.next_opening);
    return (
      <Notice
        tone="warn"
        icon="clock"
        live="assertive"
        title={t("patient.join.closed_title")}
        actions={
          <LinkButton href="/traffa" kind="secondary" size="small">
            {t("patient.join.closed_other")}
          </LinkButton>
        }
      >
        {next
          ? t("patient.join.closed", { time: format.moment(next) })
          : t("patient.join.closed_unknown")}
      </Notice>
    );
  }
  if (error.code === "queue.already_waiting") {
    const ticket = text(error.extra.ticket_id);
    const visit = text(error.extra.visit_id);
    const href = visit ? `/besok/${visit}` : `/ko/${ticket ?? ""}`;
    return (
      <Notice
        tone="info"
        live="assertive"
        title={t("patient.join.already_title")}
        actions={<LinkButton href={href}>{t("patient.join.already_action")}</LinkButton>}
      >
        {t("patient.join.already")}
      </Notice>
    );
  }
  const words = errorWords(error);
  return (
    <Notice tone="danger" live="assertive" title={words.title}>
      {words.text}
    </Notice>
  );
}
