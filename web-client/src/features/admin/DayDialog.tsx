import { useState } from "react";
import { useT } from "../../i18n";
import { Checkbox, Dialog, Field, Select } from "../../ui";
import { api } from "../../wire/rest";
import type { AdminClinic, Profession } from "../../wire/types";
import styles from "./Admin.module.css";
import { useChange } from "./data";
import { spanOf } from "./hours";
import { FormActions } from "./FormActions";
import { Problem } from "./Problem";

export interface DayInput {
  day: string;
  profession: Profession | null;
  usual: boolean;
  hours: { opens: number; closes: number }[];
}

/** One day closed, or with hours of its own, for the clinic or for one of its services. */
export function DayDialog({ clinic, onClose }: { clinic: AdminClinic; onClose: () => void }) {
  const t = useT();
  const [day, setDay] = useState("");
  const [profession, setProfession] = useState<Profession | null>(null);
  const [closed, setClosed] = useState(true);
  const [opens, setOpens] = useState("08:00");
  const [closes, setCloses] = useState("12:00");
  const [tried, setTried] = useState(false);
  const change = useChange(
    (input: DayInput, key) =>
      api.put(`/api/v1/staff/admin/clinics/${clinic.id}/days`, input, { key }),
    onClose,
  );
  const span = spanOf(0, opens, closes);
  const missing = tried && day === "" ? t("admin.needed") : null;
  return (
    <Dialog open onClose={onClose} title={t("admin.day_of", { clinic: clinic.name })}>
      <form
        noValidate
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (day === "" || (!closed && span === null)) return;
          const hours = closed || span === null ? [] : [{ opens: span.opens, closes: span.closes }];
          change.run({ day, profession, usual: false, hours });
        }}
      >
        <Field
          type="date"
          label={t("admin.field.date")}
          value={day}
          error={missing}
          onChange={(event) => setDay(event.target.value)}
        />
        <Select
          label={t("admin.field.for")}
          value={profession ?? ""}
          onChange={(event) => setProfession((event.target.value || null) as Profession | null)}
          options={[
            { value: "", label: t("admin.day_all") },
            ...clinic.services.map((each) => ({
              value: each.profession,
              label: t(`common.profession.${each.profession}`),
            })),
          ]}
        />
        <Checkbox
          label={t("admin.day_closed_all")}
          checked={closed}
          onChange={(event) => setClosed(event.target.checked)}
        />
        {!closed && (
          <>
            <p className={styles.soft}>{t("admin.hours_hint")}</p>
            <Field
              type="time"
              label={t("admin.field.opens")}
              value={opens}
              error={tried && opens === "" ? t("admin.needed") : null}
              onChange={(event) => setOpens(event.target.value)}
            />
            <Field
              type="time"
              label={t("admin.field.closes")}
              value={closes}
              error={tried && closes === "" ? t("admin.needed") : null}
              onChange={(event) => setCloses(event.target.value)}
            />
          </>
        )}
        <Problem error={change.error} />
        <FormActions text={t("admin.save")} busy={change.busy} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
