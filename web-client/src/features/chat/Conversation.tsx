import { useQuery } from "@tanstack/react-query";
import { useT } from "../../i18n";
import { ErrorState, Loading } from "../../ui";
import { toApiError } from "../../wire/problem";
import { api } from "../../wire/rest";
import { keys } from "../../wire/keys";
import type { Audience, Message } from "../../wire/types";
import { MessageLine } from "./Bubble";
import css from "./Conversation.module.css";
import { follows } from "./MessageList";

const PAGE = 200;

async function fetchAll(
  audience: Audience,
  visitId: string,
  signal: AbortSignal,
): Promise<Message[]> {
  const path = `/api/v1/${audience}/visits/${visitId}/messages` as const;
  const all: Message[] = [];
  for (;;) {
    const after = all.at(-1)?.seq ?? 0;
    const page = await api.get(path, { signal, params: { after, limit: PAGE } });
    all.push(...page.messages);
    if (page.messages.length === 0 || (all.at(-1)?.seq ?? 0) >= page.last_seq) return all;
  }
}

interface Props {
  audience: Audience;
  visitId: string;
  /** The other person's name, for the lines that tell what happened. */
  otherName?: string;
}

/** What was written in a visit, to read again. */
export function Conversation({ audience, visitId, otherName }: Props) {
  const t = useT();
  const messages = useQuery({
    queryKey: keys.messages(audience, visitId),
    queryFn: ({ signal }) => fetchAll(audience, visitId, signal),
  });
  if (messages.data === undefined) {
    if (messages.error === null) return <Loading label={t("visit.chat.loading")} />;
    return (
      <ErrorState error={toApiError(messages.error)} onRetry={() => void messages.refetch()} />
    );
  }
  if (messages.data.length === 0) return <p>{t("visit.chat.empty.history")}</p>;
  const reader =
    audience === "patient"
      ? { role: "patient" as const, other: otherName ?? t("visit.someone.clinician") }
      : { role: "clinician" as const, other: otherName ?? t("visit.someone.patient") };
  return (
    <ol className={css.list} aria-label={t("visit.chat.log")}>
      {messages.data.map((message, index, all) => (
        <MessageLine
          key={message.seq}
          message={message}
          reader={reader}
          follows={follows(message, all[index - 1])}
          newest={false}
        />
      ))}
    </ol>
  );
}
