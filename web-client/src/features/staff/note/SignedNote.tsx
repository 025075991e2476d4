import { useT } from "../../../i18n";
import { useFormat } from "../../../i18n/format";
import { Icon } from "../../../ui";
import type { Note } from "../../../wire/types";
import styles from "./NoteEditor.module.css";

/** A signed note, as the patient reads it. */
export function SignedNote({ note }: { note: Note }) {
  const t = useT();
  const format = useFormat();
  return (
    <section className={styles.signed} aria-labelledby="signed-note">
      <h2 id="signed-note">{t("staff.note.label")}</h2>
      <p className={styles.signedText}>{note.text}</p>
      {note.signed_at !== null && (
        <p className={styles.signedBy}>
          <Icon name="check" size={18} />
          {t("staff.note.signed", {
            name: note.signed_by ?? "",
            time: format.dateTime(note.signed_at),
          })}
        </p>
      )}
    </section>
  );
}
