import { useT } from "../../../i18n";
import { useFormat } from "../../../i18n/format";
import { Icon } from "../../../ui";
import type { Visit } from "../../../wire/types";
import { useBoardOnce } from "../queue/useBoard";
import { CommunicationWord } from "../../needs/CommunicationWord";
import { EquipmentDetails } from "../Equipment";
import { Reason } from "../Reason";
import { useWaitText } from "../queue/useWaitText";
import styles from "./VisitPanel.module.css";

/** Who it is and why: name, age, birth date, the patient's own words, how long the wait was. */
export function PatientFacts({ visit, level }: { visit: Visit; level: 1 | 2 }) {
  const t = useT();
  const format = useFormat();
  const wait = useWaitText();
  const arrived = useArrival(visit);
  const Heading = level === 1 ? "h1" : "h2";
  const { patient } = visit;
  return (
    <section className={styles.facts} aria-labelledby={`patient-${visit.id}`}>
      <div className={styles.patient}>
        <Heading
          id={`patient-${visit.id}`}
          className={styles.name}
          {...(level === 1 && { tabIndex: -1, "data-page-heading": "" })}
        >
          {patient === null ? t("staff.patient.closed") : patient.name}
        </Heading>
        {patient === null ? (
          <p className={styles.hint}>{t("staff.patient.closed_why")}</p>
        ) : (
          <p className={styles.born}>
            {t("staff.age", { age: patient.age })}
            <span className={styles.birth}>
              {t("staff.patient.born", { date: format.date(patient.birth_date) })}
            </span>
          </p>
        )}
      </div>
      <dl className={styles.list}>
        <div>
          <dt>{t("staff.column.reason")}</dt>
          <dd>
            <Reason text={visit.reason} />
          </dd>
        </div>
        <div className={styles.small}>
          <dt>{t("staff.patient.called")}</dt>
          <dd>
            <time dateTime={visit.called_at}>{format.time(visit.called_at)}</time>
          </dd>
        </div>
        {arrived !== null && (
          <div className={styles.small}>
            <dt>{t("staff.patient.waited")}</dt>
            <dd>{wait(arrived, Date.parse(visit.called_at))}</dd>
          </div>
        )}
        <div className={styles.small}>
          <dt>{t("staff.column.channel")}</dt>
          <dd className={styles.channel}>
            <Icon name={visit.mode} size={18} />
            {t(`common.channel.${visit.mode}`)}
          </dd>
        </div>
        {visit.communication !== "speech" && (
          <div className={styles.small}>
            <dt>{t("staff.patient.communication")}</dt>
            <dd>
              <CommunicationWord communication={visit.communication} />
            </dd>
          </div>
        )}
        {visit.equipment !== null && (
          <div className={styles.small}>
            <dt>{t("staff.equipment.title")}</dt>
            <dd>
              <EquipmentDetails equipment={visit.equipment} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}

/** When the patient joined the queue: known to the board as long as the ticket stands there. */
function useArrival(visit: Visit): string | null {
  const open = visit.state === "called" || visit.state === "in_progress";
  const board = useBoardOnce(open);
  return board?.tickets.find(({ id }) => id === visit.ticket_id)?.arrived_at ?? null;
}
