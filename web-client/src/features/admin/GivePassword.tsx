import { useState } from "react";
import { useT } from "../../i18n";
import { Button, Field, Notice } from "../../ui";
import { api } from "../../wire/rest";
import type { StaffMember } from "../../wire/types";
import styles from "./Admin.module.css";
import { useChange } from "./data";
import { SHORTEST } from "./NewPerson";
import { FormActions } from "./FormActions";
import { Problem } from "./Problem";

/** A password in place of a forgotten one; the person chooses another at the next login. */
export function GivePassword({ person }: { person: StaffMember }) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const [asked, setAsked] = useState(false);
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const [told, setTold] = useState(false);
  const change = useChange(
    (given: string, key) =>
      api.put(`/api/v1/staff/admin/people/${person.id}/password`, { password: given }, { key }),
    () => {
      setAsking(false);
      setTold(true);
      setTried(false);
      setPassword("");
    },
  );
  const short = Array.from(password).length < SHORTEST;
  const easy = change.error?.code === "password.too_easy";
  return (
    <section className={styles.group}>
      <h3>{t("admin.password")}</h3>
      {person.password_given && <p>{t("admin.is_given")}</p>}
      {told && !asking && (
        <Notice tone="ok" live="polite">
          {t("admin.password_told")}
        </Notice>
      )}
      {asking ? (
        <form
          noValidate
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            setTried(true);
            if (!short) change.run(password);
          }}
        >
          <Field
            label={t("admin.password_new")}
            hint={t("admin.field.password_hint")}
            value={password}
            maxLength={1000}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            onChange={(event) => setPassword(event.target.value)}
            error={
              tried && short
                ? t("admin.field.password_short", { count: SHORTEST })
                : easy
                  ? t("admin.problem.too_easy")
                  : null
            }
          />
          {!easy && <Problem error={change.error} />}
          <FormActions
            text={t("admin.give_password")}
            busy={change.busy}
            onCancel={() => setAsking(false)}
          />
        </form>
      ) : (
        <>
          <p>{t("admin.password_what")}</p>
          <div className={styles.actions}>
            <Button
              kind="secondary"
              // Back from the form, of which nothing is left to stand on.
              autoFocus={asked}
              onClick={() => {
                setAsking(true);
                setAsked(true);
              }}
            >
              {t("admin.give_password")}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}
