import { useState } from "react";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { Button, EmptyState, ErrorState, Loading } from "../../ui";
import { toApiError } from "../../wire/problem";
import type { Act } from "../../wire/types";
import styles from "./Admin.module.css";
import { useActs } from "./data";

/** Who did what to whom, and when: the newest first. */
export function Log() {
  const t = useT();
  const [pages, setPages] = useState(1);
  const acts = useActs(pages);
  if (acts.data === undefined) {
    return acts.error === null ? (
      <Loading />
    ) : (
      <ErrorState error={toApiError(acts.error)} onRetry={() => void acts.refetch()} />
    );
  }
  if (acts.data.found.length === 0) {
    return (
      <EmptyState drawing="empty" title={t("admin.log_empty")}>
        {t("admin.log_lead")}
      </EmptyState>
    );
  }
  return (
    <section className={styles.part1} aria-label={t("admin.log")}>
      <p className={styles.soft}>{t("admin.log_lead")}</p>
      <ul className={styles.list}>
        {acts.data.found.map((act) => (
          <Line key={act.id} act={act} />
        ))}
      </ul>
      {acts.data.more && (
        <Button kind="secondary" busy={acts.isFetching} onClick={() => setPages(pages + 1)}>
          {t("admin.more")}
        </Button>
      )}
    </section>
  );
}

function Line({ act }: { act: Act }) {
  const t = useT();
  const format = useFormat();
  const about = [
    act.person,
    act.profession === null ? null : t(`common.profession.${act.profession}`),
    act.clinic,
  ].filter((part) => part !== null);
  return (
    <li className={styles.card}>
      <div className={styles.words}>
        <p className={styles.name}>{t(`admin.act.${act.action}`)}</p>
        <p>{about.join(", ")}</p>
        <p className={styles.soft}>
          <time dateTime={act.at}>{format.dateTime(act.at)}</time>
          {" · "}
          {act.actor ?? t("admin.by_command")}
        </p>
      </div>
    </li>
  );
}
