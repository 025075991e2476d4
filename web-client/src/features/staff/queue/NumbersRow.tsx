import { useT } from "../../../i18n";
import type { Board } from "../../../wire/types";
import { isoDuration, waited } from "../duration";
import type { Numbers } from "./board";
import styles from "./NumbersRow.module.css";
import { useWaitText } from "./useWaitText";

interface NumbersProps {
  board: Board;
  count: Numbers;
  now: number;
}

/** How the queue stands, for a glance. */
export function NumbersRow({ board, count, now }: NumbersProps) {
  const t = useT();
  const wait = useWaitText();
  const longest = count.longestSince;
  return (
    <dl className={styles.row}>
      <div className={styles.number}>
        <dt>{t("staff.number.waiting")}</dt>
        <dd>{count.waiting}</dd>
      </div>
      <div className={styles.number}>
        <dt>{t("staff.number.longest")}</dt>
        <dd>
          {longest === null ? (
            t("staff.number.none")
          ) : (
            <time dateTime={isoDuration(waited(longest, now))}>{wait(longest, now)}</time>
          )}
        </dd>
      </div>
      <div className={styles.number}>
        <dt>{t("staff.number.on_duty")}</dt>
        <dd>
          {board.on_duty}
          {board.paused > 0 && (
            <span className={styles.more}>{t("staff.number.paused", { count: board.paused })}</span>
          )}
        </dd>
      </div>
      <div className={styles.number}>
        <dt>{t("staff.number.median")}</dt>
        <dd>
          {board.recent_median_minutes === null
            ? t("staff.number.unknown")
            : t("staff.wait.minutes", { minutes: Math.round(board.recent_median_minutes) })}
        </dd>
      </div>
    </dl>
  );
}
