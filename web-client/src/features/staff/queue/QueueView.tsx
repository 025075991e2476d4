import { usePageTitle } from "../../../app/page";
import { useT } from "../../../i18n";
import { Button, EmptyState, ErrorState, Loading, Notice, PageHeading } from "../../../ui";
import { toApiError } from "../../../wire/problem";
import type { Board, Duty } from "../../../wire/types";
import { resumeOf, useSetDuty } from "../duty/useDuty";
import { usePrefs } from "../prefs";
import { useNow } from "../useNow";
import { useProblemText } from "../useProblemText";
import { useShortcut } from "../useShortcut";
import { numbers } from "./board";
import { BoardLine } from "./BoardLine";
import { NumbersRow } from "./NumbersRow";
import styles from "./QueuePage.module.css";
import { QueueTable } from "./QueueTable";
import { useArrivals } from "./useArrivals";
import { useBoard } from "./useBoard";
import { useTake } from "./useTake";

type Take = ReturnType<typeof useTake>;

/** The queue of one's duty: how it stands, the next patient by one key, and the table. */
export function QueueView({ duty }: { duty: Duty }) {
  const t = useT();
  const board = useBoard(duty);
  const take = useTake();
  const now = useNow(10_000);
  const count = numbers(board.data, now);
  usePageTitle(
    count.waiting > 0
      ? t("staff.queue.title_count", { count: count.waiting })
      : t("staff.queue.title"),
  );
  const paused = duty.state === "paused";
  const where = duty.profession !== null && {
    profession: t(`common.profession.${duty.profession}`),
    clinic: duty.clinic_name ?? "",
  };
  return (
    <div className={styles.queue}>
      <div className={styles.head}>
        <PageHeading lead={where && t("staff.duty.where", where)}>
          {t("staff.queue.title")}
        </PageHeading>
        {board.data !== undefined && (
          <>
            <NumbersRow board={board.data} count={count} now={now} />
            {!paused && <TakeNext take={take} possible={count.offered > 0} />}
          </>
        )}
      </div>
      <BoardLine />
      {paused && <Paused duty={duty} />}
      {board.data !== undefined && (
        <LiveQueue
          board={board.data}
          beyond={count.beyond}
          canTake={!paused}
          take={take}
          now={now}
        />
      )}
      {board.data === undefined &&
        (board.error === null ? (
          <Loading />
        ) : (
          <ErrorState error={toApiError(board.error)} onRetry={() => void board.refetch()} />
        ))}
    </div>
  );
}

function TakeNext({ take, possible }: { take: Take; possible: boolean }) {
  const t = useT();
  const { shortcuts } = usePrefs();
  const next = () => {
    take.run(null);
  };
  useShortcut("next", take.busy ? null : next);
  return (
    <Button
      size="large"
      icon="forward"
      busy={take.busy}
      // Not `disabled`: it keeps the focus when the last who waits is gone, and says so if pressed.
      aria-disabled={!possible}
      aria-keyshortcuts={shortcuts ? "N" : undefined}
      onClick={next}
    >
      <span>{t("staff.take_next")}</span>
      {shortcuts && <kbd className={styles.key}>{t("staff.key.next")}</kbd>}
    </Button>
  );
}

interface LiveQueueProps {
  board: Board;
  beyond: number;
  canTake: boolean;
  take: Take;
  now: number;
}

function LiveQueue({ board, beyond, canTake, take, now }: LiveQueueProps) {
  const t = useT();
  const words = useProblemText();
  useArrivals(board.tickets, beyond === 0);
  return (
    <>
      {!board.open && <Notice tone="info">{t("staff.queue.closed")}</Notice>}
      {board.tickets.length === 0 ? (
        <EmptyState drawing="empty" title={t("staff.queue.empty")}>
          {board.open ? t("staff.queue.empty_open") : t("staff.queue.empty_closed")}
        </EmptyState>
      ) : (
        <QueueTable
          tickets={board.tickets}
          now={now}
          canTake={canTake}
          busy={take.busy}
          onTake={take.run}
        />
      )}
      {beyond > 0 && <p>{t("staff.queue.beyond", { count: beyond })}</p>}
      {take.error !== null && (
        <div className={styles.answer}>
          <Notice
            tone="warn"
            live="assertive"
            actions={
              <Button kind="quiet" size="small" onClick={take.reset}>
                {t("common.close")}
              </Button>
            }
          >
            {words(take.error)}
          </Notice>
        </div>
      )}
    </>
  );
}

function Paused({ duty }: { duty: Duty }) {
  const t = useT();
  const words = useProblemText();
  const change = useSetDuty();
  const resume = resumeOf(duty);
  return (
    <Notice
      tone="warn"
      title={t("staff.paused.title")}
      actions={
        resume !== null && (
          <Button
            icon="check"
            busy={change.busy}
            onClick={() => {
              change.run(resume);
            }}
          >
            {t("staff.duty.resume")}
          </Button>
        )
      }
    >
      {change.error === null ? t("staff.paused.what") : words(change.error)}
    </Notice>
  );
}
