import { useEffect, useRef } from "react";
import { useT } from "../../../i18n";
import { useFormat } from "../../../i18n/format";
import { Button, Icon, Notice } from "../../../ui";
import type { Visit } from "../../../wire/types";
import { useProblemText } from "../useProblemText";
import { useMove } from "./useStaffVisit";
import styles from "./VisitPanel.module.css";

/** "Bekräfta rätt patient": name and birth date said by the patient, recorded on the visit. */
export function Identity({ visit }: { visit: Visit }) {
  const t = useT();
  const format = useFormat();
  const words = useProblemText();
  const done = useRef<HTMLParagraphElement>(null);
  const pressed = useRef(false);
  const move = useMove(visit.id);
  const confirmed = visit.identity_confirmed_at !== null;
  // The button that was pressed is gone: what it led to is read in its place.
  useEffect(() => {
    if (confirmed && pressed.current) done.current?.focus({ preventScroll: true });
  }, [confirmed]);
  if (visit.identity_confirmed_at !== null) {
    return (
      <p ref={done} className={styles.confirmed} tabIndex={-1}>
        <Icon name="check" size={20} />
        {t("staff.identity.done", { time: format.time(visit.identity_confirmed_at) })}
      </p>
    );
  }
  return (
    <section className={styles.identity} aria-labelledby="identity">
      <h3 id="identity">{t("staff.identity.title")}</h3>
      <p>{t("staff.identity.ask")}</p>
      <Button
        icon="check"
        wide
        busy={move.busy}
        onClick={() => {
          pressed.current = true;
          move.run("confirm-identity");
        }}
      >
        {t("staff.identity.confirm")}
      </Button>
      {move.error !== null && (
        <Notice tone="danger" live="assertive">
          {words(move.error)}
        </Notice>
      )}
    </section>
  );
}
