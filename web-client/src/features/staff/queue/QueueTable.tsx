import { useRef, useState } from "react";
import { useT } from "../../../i18n";
import { Button, Table } from "../../../ui";
import type { BoardTicket } from "../../../wire/types";
import { nextShown, rowState, showAll } from "./board";
import { QueueRow } from "./QueueRow";
import styles from "./QueueTable.module.css";
import { useReading } from "./useReading";

interface QueueTableProps {
  tickets: readonly BoardTicket[];
  now: number;
  canTake: boolean;
  busy: boolean;
  onTake: (ticketId: string) => void;
}

/** The table. While it is read nothing moves in it: newcomers wait behind "3 nya". */
export function QueueTable({ tickets, now, canTake, busy, onTake }: QueueTableProps) {
  const t = useT();
  const top = useRef<HTMLDivElement>(null);
  const { reading, props } = useReading();
  const [shown, setShown] = useState(() => showAll(tickets));
  const [seen, setSeen] = useState({ tickets, reading });
  if (seen.tickets !== tickets || seen.reading !== reading) {
    setSeen({ tickets, reading });
    setShown(nextShown(shown, tickets, reading));
  }
  const release = () => {
    setShown(showAll(tickets));
    top.current?.focus();
  };

  return (
    // With its button: who leaves the table for "3 nya" must find it there.
    <div {...props} className={styles.area} ref={top} tabIndex={-1}>
      {shown.held > 0 && (
        <div className={styles.held}>
          <Button kind="secondary" size="small" icon="refresh" onClick={release}>
            {t("staff.queue.held", { count: shown.held })}
          </Button>
        </div>
      )}
      <div className={styles.table}>
        <Table caption={t("staff.queue.caption")} captionHidden>
          <thead>
            <tr>
              <th scope="col">{t("staff.column.waited")}</th>
              <th scope="col">{t("staff.column.reason")}</th>
              <th scope="col">{t("staff.column.age")}</th>
              <th scope="col">{t("staff.column.channel")}</th>
              <th scope="col">{t("staff.column.since")}</th>
              <th scope="col">{t("staff.column.state")}</th>
              <th scope="col">{t("staff.column.action")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.rows.map((row) => (
              <QueueRow
                key={row.ticket.id}
                ticket={row.ticket}
                state={rowState(row, now)}
                now={now}
                canTake={canTake}
                busy={busy}
                onTake={onTake}
              />
            ))}
          </tbody>
        </Table>
      </div>
    </div>
  );
}
