import { useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { Column, EmptyState, ErrorState, LinkButton, Loading } from "../../ui";
import { keys } from "../../wire/keys";
import { toApiError } from "../../wire/problem";
import type { Ticket } from "../../wire/types";
import { Meanwhile } from "./Meanwhile";
import { Place } from "./Place";
import { useTicket } from "./useTicket";

/** A place that is no longer waiting: what happened, and the way on from there. */
function NotWaiting({ ticket }: { ticket: Ticket }) {
  const t = useT();
  const again = (
    <LinkButton href={`/traffa/${ticket.clinic_id}/${ticket.profession}`}>
      {t("patient.queue.again")}
    </LinkButton>
  );
  const open = ticket.state === "admitted" || ticket.state === "called";
  if (open && ticket.visit_id) {
    return (
      <EmptyState
        drawing="door"
        title={t("patient.queue.admitted_title")}
        action={
          <LinkButton href={`/besok/${ticket.visit_id}`} size="large">
            {t("start.resume.visit_action")}
          </LinkButton>
        }
      />
    );
  }
  if (ticket.state === "left") {
    return (
      <EmptyState drawing="closed" title={t("patient.queue.left_title")} action={again}>
        {t("patient.queue.left_text")}
      </EmptyState>
    );
  }
  if (ticket.state === "no_show") {
    return (
      <EmptyState drawing="closed" title={t("patient.queue.no_show_title")} action={again}>
        {t("patient.queue.no_show_text")}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      drawing="done"
      title={t("patient.queue.done_title")}
      action={
        <LinkButton href={ticket.visit_id ? `/mina-besok/${ticket.visit_id}` : "/mina-besok"}>
          {t("patient.queue.to_visit")}
        </LinkButton>
      }
    >
      {t("patient.queue.done_text")}
    </EmptyState>
  );
}

export function QueuePage({ ticketId }: { ticketId: string }) {
  const t = useT();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const { data: ticket, error, refetch } = useTicket(ticketId);
  usePageTitle(t("patient.queue.title"));
  if (!ticket) {
    if (!error) return <Loading />;
    return <ErrorState error={toApiError(error)} onRetry={() => void refetch()} />;
  }
  if (ticket.state !== "waiting") return <NotWaiting ticket={ticket} />;
  const changed = (after: Ticket) => {
    queries.setQueryData(keys.ticket(ticketId), after);
    void queries.invalidateQueries({ queryKey: keys.overview });
    if (after.state === "admitted" && after.visit_id) go(`/besok/${after.visit_id}`);
  };
  return (
    <>
      <Place ticket={ticket} />
      <Column>
        <Meanwhile ticket={ticket} onChanged={changed} />
      </Column>
    </>
  );
}
