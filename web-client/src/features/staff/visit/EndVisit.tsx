import { useState } from "react";
import { useT } from "../../../i18n";
import { Button, ConfirmDialog, Notice } from "../../../ui";
import type { Visit } from "../../../wire/types";
import { usePrefs } from "../prefs";
import { useProblemText } from "../useProblemText";
import { useShortcut } from "../useShortcut";
import { useMove } from "./useStaffVisit";
import styles from "./VisitPanel.module.css";

/** Ends the visit for both, after one question that tells what happens then. */
export function EndVisit({ visit }: { visit: Visit }) {
  const t = useT();
  const words = useProblemText();
  const { shortcuts } = usePrefs();
  const [asking, setAsking] = useState(false);
  const move = useMove(visit.id);
  const ask = () => {
    setAsking(true);
  };
  useShortcut("end", move.busy ? null : ask);
  return (
    <div className={styles.end}>
      {move.error !== null && (
        <Notice tone="danger" live="assertive">
          {words(move.error)}
        </Notice>
      )}
      <Button
        kind="danger"
        icon="leave"
        wide
        busy={move.busy}
        aria-keyshortcuts={shortcuts ? "E" : undefined}
        onClick={ask}
      >
        <span>{t("staff.end.action")}</span>
        {shortcuts && <kbd className={styles.key}>{t("staff.key.end")}</kbd>}
      </Button>
      <ConfirmDialog
        open={asking}
        title={t("staff.end.title")}
        text={
          <>
            <p>{t("staff.end.what", { name: visit.patient?.name ?? "" })}</p>
            {visit.identity_confirmed_at === null && <p>{t("staff.end.unconfirmed")}</p>}
          </>
        }
        confirm={t("staff.end.action")}
        cancel={t("staff.end.stay")}
        danger
        busy={move.busy}
        onConfirm={() => {
          setAsking(false);
          move.run("end");
        }}
        onCancel={() => {
          setAsking(false);
        }}
      />
    </div>
  );
}
