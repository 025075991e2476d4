import { useState } from "react";
import { useT } from "../../../i18n";
import { Button, Checkbox, Notice } from "../../../ui";
import type { Guest } from "../../../wire/types";
import css from "./People.module.css";
import type { useDoor } from "./useDoor";

interface Props {
  guest: Guest;
  /** Has closed the page. */
  away: boolean;
  door: ReturnType<typeof useDoor>;
}

/** The clinician's word that the patient has said yes, and the button that takes it. */
export function Admit({ guest, away, door }: Props) {
  const t = useT();
  const [said, setSaid] = useState(false);
  const [missing, setMissing] = useState(false);
  const { id, name, needs_consent: needed } = guest;
  return (
    <>
      {away && <p className={css.wide}>{t("people.admit.away", { name })}</p>}
      {needed && (
        <Checkbox
          className={css.wide}
          label={t("people.consent", { name })}
          checked={said}
          onChange={({ target }) => {
            setSaid(target.checked);
            setMissing(false);
          }}
        />
      )}
      {missing && (
        <div className={css.wide}>
          <Notice tone="warn" live="assertive">
            {t("people.consent.missing")}
          </Notice>
        </div>
      )}
      <Button
        size="small"
        busy={door.busy}
        aria-label={t("people.admit.one", { name })}
        onClick={() => {
          if (needed && !said) setMissing(true);
          else door.run({ guest: id, move: "admit", consent: said });
        }}
      >
        {t("people.admit")}
      </Button>
    </>
  );
}
