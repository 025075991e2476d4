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

type After = "admitted" | "left" | "no_show" | "done";

/** What became of a place that is no longer waiting; null while it waits. */
function afterwards({ state, visit_id }: Ticket): After | null {
  if (state === "waiting") return null;
  if (state === "left" || state === "no_show") return state;
  return state !== "done" && visit_id ? "admitted" : "done";
}

const DRAWING = { admitted: "door", left: "closed", no_show: "closed", done: "done" } as const;

/** A place that is no longer waiting: what happened, and the way on from there. */
function NotWaiting({ ticket, after }: { ticket: Ticket; after: After }) {
  const t = useT();
  const on = {
    admitted: (
      <LinkButton href={`/besok/${ticket.visit_id ?? ""}`} size="large">
        {t("start.resume.visit_action")}
      </LinkButton>
    ),
    again: (
      <LinkButton href={`/traffa/${ticket.clinic_id}/${ticket.profession}`}>
        {t("patient.queue.again")}
      </LinkButton>
    ),
    done: (
      <LinkButton href={ticket.visit_id ? `/mina-besok/${ticket.visit_id}` : "/mina-besok"}>
        {t("patient.queue.to_visit")}
      </LinkButton>
    ),
  };
  return (
    <EmptyState
      drawing={DRAWING[after]}
      heading="h1"
      title={t(`patient.queue.${after}_title`)}
      action={on[after === "left" || after === "no_show" ? "again" : after]}
    >
      {after !== "admitted" && t(`patient.queue.${after}_text`)}
    </EmptyState>
  );
}

export function QueuePage({ ticketId }: { ticketId: string }) {
  const t = useT();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const { data: ticket, error, refetch } = useTicket(ticketId);
  const after = ticket ? afterwards(ticket) : null;
  usePageTitle(t(after ? `patient.queue.${after}_title` : "patient.queue.title"), after ?? "");
  if (!ticket) {
    if (!error) return <Loading />;
    const problem = toApiError(error);
    return <ErrorState heading="h1" error={problem} onRetry={() => void refetch()} />;
  }
  if (after) return <NotWaiting ticket={ticket} after={after} />;
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
