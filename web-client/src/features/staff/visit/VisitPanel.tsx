import { useT } from "../../../i18n";
import type { Visit } from "../../../wire/types";
import { NoteEditor } from "../note/NoteEditor";
import type { NoteHandle } from "../note/useNote";
import { Calling } from "./Calling";
import { EndVisit } from "./EndVisit";
import { Identity } from "./Identity";
import { PatientFacts } from "./PatientFacts";
import styles from "./VisitPanel.module.css";

interface VisitPanelProps {
  visit: Visit;
  note: NoteHandle;
}

/** Beside the picture: who it is, whether that is certain, the note, and the way to end. */
export function VisitPanel({ visit, note }: VisitPanelProps) {
  const t = useT();
  return (
    <div className={styles.panel} data-density="dense">
      <PatientFacts visit={visit} level={2} />
      {visit.state === "called" ? (
        <Calling visit={visit} />
      ) : (
        <>
          <Identity visit={visit} />
          <section aria-label={t("staff.note.label")}>
            <NoteEditor keeper={note.keeper} draft={note.draft} rows={5} />
          </section>
          <EndVisit visit={visit} />
        </>
      )}
    </div>
  );
}
