import type { RefObject } from "react";
import { useT } from "../../i18n";
import { Icon, Loading } from "../../ui";
import css from "./ChatPanel.module.css";
import { Composer } from "./Composer";
import { MessageList } from "./MessageList";
import type { Chat } from "./usePost";
import type { Reader } from "./words";

interface Props {
  chat: Chat;
  reader: Reader;
  /** Nothing more can be written. */
  closed: boolean;
  visible: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
}

/** The conversation and where to write, without a frame of its own. */
export function ChatPanel({ chat, reader, closed, visible, field }: Props) {
  const t = useT();
  const { post, outbox, view } = chat;
  const empty = view.loaded ? (
    <div className={css.empty}>
      <Icon name="chat" size={36} />
      <p className={css.emptyTitle}>{t("visit.chat.empty.title")}</p>
      <p>{t(reader.role === "patient" ? "visit.chat.empty.text" : "visit.chat.empty.staff")}</p>
      {reader.role === "patient" && <p>{t("visit.chat.emergency")}</p>}
    </div>
  ) : (
    <Loading label={t("visit.chat.loading")} />
  );
  return (
    <div className={css.panel}>
      <MessageList
        thread={view.thread}
        reader={reader}
        empty={empty}
        visible={visible}
        onDiscard={(clientId) => post.discard(clientId)}
        onSeen={() => post.see()}
      />
      {view.offline && (
        <p className={css.offline} role="status">
          <Icon name="offline" size={20} />
          {t("visit.chat.offline")}
        </p>
      )}
      {closed ? (
        <p className={css.closed}>{t("visit.chat.closed")}</p>
      ) : (
        <Composer
          to={reader.other}
          outbox={outbox}
          field={field}
          onSend={(body) => post.write(body)}
        />
      )}
    </div>
  );
}
