import { type CSSProperties, useId } from "react";
import { useT } from "../../../i18n";
import { Button, Icon, Notice, TextArea } from "../../../ui";
import type { IconName } from "../../../ui";
import { type Draft, type DraftStatus, statusOf } from "./draft";
import type { NoteKeeper } from "./keeper";
import styles from "./NoteEditor.module.css";

/** As the server has it. */
const LONGEST = 20_000;

const MARKS: Record<DraftStatus, IconName> = {
  empty: "pen",
  saved: "check",
  unsaved: "pen",
  saving: "refresh",
  failed: "warning",
  conflict: "warning",
};

interface NoteEditorProps {
  keeper: NoteKeeper;
  draft: Draft;
  rows?: number;
  hint?: string;
  error?: string | null;
}

/** The note under way: saved by itself, and saying so. */
export function NoteEditor({ keeper, draft, rows = 6, hint, error = null }: NoteEditorProps) {
  const t = useT();
  const status = statusOf(draft);
  return (
    <div className={styles.editor} style={{ "--rows": rows } as CSSProperties}>
      <p className={styles.status} data-status={status}>
        <Icon name={MARKS[status]} size={18} />
        {t(`staff.note.status.${status}`)}
      </p>
      <TextArea
        label={t("staff.note.label")}
        hint={hint}
        value={draft.text}
        rows={rows}
        maxLength={LONGEST}
        counter={LONGEST}
        error={error}
        onChange={(event) => {
          keeper.typed(event.target.value);
        }}
        onBlur={() => void keeper.flush()}
      />
      {draft.theirs !== null && (
        <Conflict mine={draft.text} theirs={draft.theirs.text} keeper={keeper} />
      )}
    </div>
  );
}

interface ConflictProps {
  mine: string;
  theirs: string;
  keeper: NoteKeeper;
}

/** The note was changed in another window: both texts are shown, and the person chooses. */
function Conflict({ mine, theirs, keeper }: ConflictProps) {
  const t = useT();
  const id = useId();
  return (
    <Notice
      tone="warn"
      title={t("staff.note.conflict.title")}
      live="polite"
      actions={
        <>
          <Button
            size="small"
            onClick={() => {
              keeper.choose("both");
            }}
          >
            {t("staff.note.conflict.both")}
          </Button>
          <Button
            size="small"
            kind="secondary"
            onClick={() => {
              keeper.choose("mine");
            }}
          >
            {t("staff.note.conflict.mine")}
          </Button>
          <Button
            size="small"
            kind="secondary"
            onClick={() => {
              keeper.choose("theirs");
            }}
          >
            {t("staff.note.conflict.theirs")}
          </Button>
        </>
      }
    >
      <p>{t("staff.note.conflict.what")}</p>
      <div className={styles.texts}>
        <section aria-labelledby={`${id}-mine`}>
          <p id={`${id}-mine`} className={styles.textTitle}>
            {t("staff.note.conflict.mine_title")}
          </p>
          <p className={styles.text}>{mine}</p>
        </section>
        <section aria-labelledby={`${id}-theirs`}>
          <p id={`${id}-theirs`} className={styles.textTitle}>
            {t("staff.note.conflict.theirs_title")}
          </p>
          <p className={styles.text}>{theirs}</p>
        </section>
      </div>
    </Notice>
  );
}
