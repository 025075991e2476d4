import { useId } from "react";
import { useT } from "../../../i18n";
import { useFormat } from "../../../i18n/format";
import { Icon, StatusPill } from "../../../ui";
import type { BoardTicket } from "../../../wire/types";
import { isoDuration, waited } from "../duration";
import { CommunicationWord } from "../../needs/CommunicationWord";
import { EquipmentWord } from "../Equipment";
import { Reason } from "../Reason";
import type { RowState } from "./board";
import styles from "./QueueTable.module.css";
import { useWaitText } from "./useWaitText";

interface QueueRowProps {
  ticket: BoardTicket;
  state: RowState;
  now: number;
  canTake: boolean;
  busy: boolean;
  onTake: (ticketId: string) => void;
}

export function QueueRow({ ticket, state, now, canTake, busy, onTake }: QueueRowProps) {
  const t = useT();
  const format = useFormat();
  const wait = useWaitText();
  const reasonId = useId();
  const free = state.kind === "waiting" || state.kind === "resting";
  const takeable = free && canTake && !busy;
  return (
    <tr data-state={state.kind} className={styles.row}>
      <td data-cell="waited">
        <time className={styles.waited} dateTime={isoDuration(waited(ticket.arrived_at, now))}>
          {wait(ticket.arrived_at, now)}
        </time>
      </td>
      <td data-cell="reason" id={reasonId}>
        <Reason text={ticket.reason} />
      </td>
      <td data-cell="age">{t("staff.age", { age: ticket.age })}</td>
      <td data-cell="channel">
        <div className={styles.contact}>
          <span className={styles.channel}>
            <Icon name={ticket.channel} />
            {t(`common.channel.${ticket.channel}`)}
          </span>
          {ticket.communication !== "speech" && (
            <CommunicationWord communication={ticket.communication} />
          )}
          {(ticket.equipment !== null || ticket.channel === "video") && (
            <EquipmentWord summary={ticket.equipment} />
          )}
        </div>
      </td>
      <td data-cell="since">
        <time dateTime={ticket.arrived_at}>
          <span className={styles.label}>{t("staff.column.since")} </span>
          {format.time(ticket.arrived_at)}
        </time>
      </td>
      <td data-cell="state">
        <RowPill state={state} requeued={ticket.requeued} />
      </td>
      <td data-cell="action">
        {/* Not `disabled`: a button that is focused keeps the focus when a colleague is faster. */}
        <button
          type="button"
          className={styles.take}
          aria-disabled={!takeable}
          aria-describedby={reasonId}
          onClick={() => {
            if (takeable) onTake(ticket.id);
          }}
        >
          {t("staff.take_this")}
        </button>
      </td>
    </tr>
  );
}

function RowPill({ state, requeued }: { state: RowState; requeued: boolean }) {
  const t = useT();
  const format = useFormat();
  switch (state.kind) {
    case "waiting":
      return requeued ? (
        <StatusPill tone="warn" icon="refresh">
          {t("staff.state.requeued")}
        </StatusPill>
      ) : (
        <StatusPill tone="info" icon="clock">
          {t("staff.state.waiting")}
        </StatusPill>
      );
    case "resting":
      return (
        <StatusPill tone="neutral" icon="pause">
          {t("staff.state.resting", { time: format.time(state.until) })}
        </StatusPill>
      );
    case "taken":
      return (
        <StatusPill tone="neutral" icon="person">
          {state.mine
            ? t("staff.state.mine")
            : t("staff.state.taken", { name: state.by ?? t("staff.a_colleague") })}
        </StatusPill>
      );
    case "gone":
      return (
        <StatusPill tone="neutral" icon="cross">
          {t("staff.state.gone")}
        </StatusPill>
      );
  }
}
