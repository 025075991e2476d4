import { useT } from "../../../i18n";
import { useFormat } from "../../../i18n/format";
import { Button, Notice } from "../../../ui";
import type { Duty } from "../../../wire/types";
import { useProblemText } from "../useProblemText";
import styles from "./Duty.module.css";
import { resumeOf, useSetDuty } from "./useDuty";

/** Pause, go on, end the shift: each says what happens to the queue and to open visits then. */
export function DutyControls({ duty, onDone }: { duty: Duty; onDone: () => void }) {
  const t = useT();
  const format = useFormat();
  const words = useProblemText();
  const change = useSetDuty(onDone);
  const resume = resumeOf(duty);
  const open = duty.open_visits.length;
  return (
    <div className={styles.controls}>
      <p className={styles.now}>
        {duty.profession !== null && (
          <strong>
            {t("staff.duty.where", {
              profession: t(`common.profession.${duty.profession}`),
              clinic: duty.clinic_name ?? "",
            })}
          </strong>
        )}
        {duty.since !== null && (
          <span>{t("staff.duty.since", { time: format.time(duty.since) })}</span>
        )}
      </p>
      {duty.state === "on" ? (
        <section className={styles.way}>
          <p>{t("staff.duty.pause_what", { count: open })}</p>
          <Button
            kind="secondary"
            icon="pause"
            busy={change.busy}
            onClick={() => {
              change.run({ state: "paused" });
            }}
          >
            {t("staff.duty.pause")}
          </Button>
        </section>
      ) : (
        resume !== null && (
          <section className={styles.way}>
            <p>{t("staff.duty.resume_what")}</p>
            <Button
              icon="check"
              busy={change.busy}
              onClick={() => {
                change.run(resume);
              }}
            >
              {t("staff.duty.resume")}
            </Button>
          </section>
        )
      )}
      <section className={styles.way}>
        <p>{t("staff.duty.off_what", { count: open })}</p>
        <Button
          kind="secondary"
          icon="home"
          busy={change.busy}
          onClick={() => {
            change.run({ state: "off" });
          }}
        >
          {t("staff.duty.go_off")}
        </Button>
      </section>
      {change.error !== null && (
        <Notice tone="danger" live="assertive">
          {words(change.error)}
        </Notice>
      )}
    </div>
  );
}
