import { useState } from "react";
import { useT } from "../../i18n";
import { Dialog, Field } from "../../ui";
import { api } from "../../wire/rest";
import type { StaffMember } from "../../wire/types";
import styles from "./Admin.module.css";
import { useChange } from "./data";
import { FormActions } from "./FormActions";
import { Problem } from "./Problem";

export const SHORTEST = 8;

interface Props {
  onClose: () => void;
  onMade: (person: StaffMember) => void;
}

/** A new member of the staff, with the password that is told the person. */
export function NewPerson({ onClose, onMade }: Props) {
  const t = useT();
  const [person, setPerson] = useState({ name: "", username: "", title: "", password: "" });
  const [tried, setTried] = useState(false);
  const change = useChange(
    (input: typeof person, key) => api.post("/api/v1/staff/admin/people", input, { key }),
    onMade,
  );
  const missing = (field: "name" | "username" | "title") =>
    tried && person[field].trim() === "" ? t("admin.needed") : null;
  const short = Array.from(person.password).length < SHORTEST;
  const text = (field: keyof typeof person) => ({
    value: person[field],
    autoComplete: "off",
    onChange: (event: { target: HTMLInputElement }) =>
      setPerson({ ...person, [field]: event.target.value }),
  });
  const taken = change.error?.code === "account.username_taken";
  const easy = change.error?.code === "password.too_easy" ? change.error : null;
  return (
    <Dialog open onClose={onClose} title={t("admin.new_person")}>
      <form
        noValidate
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          const whole = [person.name, person.username, person.title].every((one) => one.trim());
          if (whole && !short) change.run(person);
        }}
      >
        <Field
          label={t("admin.field.name")}
          maxLength={200}
          error={missing("name")}
          {...text("name")}
        />
        <Field
          label={t("admin.field.username")}
          hint={t("admin.field.username_hint")}
          maxLength={100}
          autoCapitalize="none"
          spellCheck={false}
          error={taken ? t("admin.problem.username_taken") : missing("username")}
          {...text("username")}
        />
        <Field
          label={t("admin.field.title")}
          hint={t("admin.field.title_hint")}
          maxLength={100}
          error={missing("title")}
          {...text("title")}
        />
        <Field
          label={t("admin.field.password")}
          hint={t("admin.field.password_hint")}
          maxLength={1000}
          autoCapitalize="none"
          spellCheck={false}
          error={
            tried && short
              ? t("admin.field.password_short", { count: SHORTEST })
              : easy && t("admin.problem.too_easy")
          }
          {...text("password")}
        />
        {!taken && !easy && <Problem error={change.error} />}
        <FormActions text={t("admin.create")} busy={change.busy} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
