import { useState } from "react";
import { useT } from "../../i18n";
import { Dialog, Field } from "../../ui";
import { api } from "../../wire/rest";
import styles from "./Admin.module.css";
import { useChange } from "./data";
import { FormActions } from "./FormActions";
import { Problem } from "./Problem";

export function NewClinic({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [name, setName] = useState("");
  const [area, setArea] = useState("");
  const [tried, setTried] = useState(false);
  const change = useChange(
    (input: { name: string; area: string }, key) =>
      api.post("/api/v1/staff/admin/clinics", input, { key }),
    onClose,
  );
  const needed = (text: string) => (tried && text.trim() === "" ? t("admin.needed") : null);
  return (
    <Dialog open onClose={onClose} title={t("admin.new_clinic")}>
      <form
        noValidate
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (name.trim() && area.trim()) change.run({ name, area });
        }}
      >
        <Field
          label={t("admin.field.clinic")}
          maxLength={200}
          value={name}
          error={needed(name)}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t("admin.field.area")}
          hint={t("admin.field.area_hint")}
          maxLength={200}
          value={area}
          error={needed(area)}
          onChange={(event) => setArea(event.target.value)}
        />
        <Problem error={change.error} />
        <FormActions text={t("admin.create")} busy={change.busy} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
