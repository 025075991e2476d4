import { useState } from "react";
import { useLocation } from "wouter";
import { useT } from "../../../i18n";
import { useFormat } from "../../../i18n/format";
import { Button, ConfirmDialog, Notice } from "../../../ui";
import type { Visit } from "../../../wire/types";
import { clockOf } from "../duration";
import { leaveFlash } from "../flash";
import { useNow } from "../useNow";
import { useProblemText } from "../useProblemText";
import { answerTime } from "./stage";
import { type Move, useMove } from "./useStaffVisit";
import styles from "./VisitPanel.module.css";

/** How long a no-answer rests, as the server has it. */
const REST_MS = 10 * 60_000;

/** The patient is called and hasn't come: the time to answer, and what to do when nobody does. */
export function Calling({ visit }: { visit: Visit }) {
  const t = useT();
  const format = useFormat();
  const words = useProblemText();
  const [, go] = useLocation();
  const now = useNow(1000);
  const [asking, setAsking] = useState<"no-answer" | "no-show" | null>(null);
  const answer = answerTime(visit, now);
  const name = visit.patient?.name ?? "";

  const flashOf = (done: Move): string => {
    if (done === "no-show") return t("staff.calling.flash_no_show", { name });
    if (done === "return") return t("staff.calling.flash_returned", { name });
    const time = format.time(new Date(Date.now() + REST_MS).toISOString());
    return t("staff.calling.flash_no_answer", { name, time });
  };
  const move = useMove(visit.id, (_, done) => {
    leaveFlash(flashOf(done));
    go("/personal");
  });
  const noAnswer = () => {
    if (answer.late) move.run("no-answer");
    else setAsking("no-answer");
  };

  return (
    <section className={styles.calling} aria-labelledby="calling">
      <h3 id="calling">{t(answer.late ? "staff.calling.late" : "staff.calling.title")}</h3>
      <p className={styles.clock} data-late={answer.late}>
        <span className={styles.since}>{clockOf(answer.since)}</span>
        <span>
          {answer.late
            ? t("staff.calling.over")
            : t("staff.calling.left", { time: clockOf(answer.left) })}
        </span>
      </p>
      <div className={styles.track} aria-hidden="true">
        <div className={styles.passed} style={{ inlineSize: `${String(answer.share * 100)}%` }} />
      </div>
      <p className={styles.hint}>
        {t(visit.requeue_possible ? "staff.calling.once" : "staff.calling.twice")}
      </p>
      <div className={styles.ways}>
        {visit.requeue_possible && (
          <Button
            kind={answer.late ? "primary" : "secondary"}
            icon="refresh"
            size="small"
            busy={move.busy}
            onClick={noAnswer}
          >
            {t("staff.calling.no_answer")}
          </Button>
        )}
        <Button
          kind={answer.late && !visit.requeue_possible ? "primary" : "secondary"}
          icon="cross"
          size="small"
          busy={move.busy}
          onClick={() => {
            setAsking("no-show");
          }}
        >
          {t("staff.calling.no_show")}
        </Button>
        <Button
          kind="quiet"
          icon="back"
          size="small"
          busy={move.busy}
          onClick={() => {
            move.run("return");
          }}
        >
          {t("staff.calling.return")}
        </Button>
      </div>
      {move.error !== null && (
        <Notice tone="danger" live="assertive">
          {words(move.error)}
        </Notice>
      )}
      <ConfirmDialog
        open={asking === "no-answer"}
        title={t("staff.calling.early_title", { time: clockOf(answer.left) })}
        text={<p>{t("staff.calling.early_what", { name })}</p>}
        confirm={t("staff.calling.no_answer")}
        cancel={t("staff.calling.wait_on")}
        busy={move.busy}
        onConfirm={() => {
          setAsking(null);
          move.run("no-answer");
        }}
        onCancel={() => {
          setAsking(null);
        }}
      />
      <ConfirmDialog
        open={asking === "no-show"}
        title={t("staff.calling.no_show_title", { name })}
        text={<p>{t("staff.calling.no_show_what")}</p>}
        confirm={t("staff.calling.no_show")}
        cancel={t("common.cancel")}
        danger
        busy={move.busy}
        onConfirm={() => {
          setAsking(null);
          move.run("no-show");
        }}
        onCancel={() => {
          setAsking(null);
        }}
      />
    </section>
  );
}
