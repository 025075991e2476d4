import { useState } from "react";
import { useLanguage, useT } from "../../i18n";
import { Button, Checkbox, Dialog, Field, Notice, Select } from "../../ui";
import { api } from "../../wire/rest";
import type { AdminClinic, AdminHours, Profession } from "../../wire/types";
import styles from "./Admin.module.css";
import { useChange } from "./data";
import { clock, spanOf, weekdays } from "./hours";
import { FormActions } from "./FormActions";
import { Problem } from "./Problem";

interface Row {
  key: number;
  weekday: number;
  opens: string;
  closes: string;
}

interface Props {
  clinic: AdminClinic;
  profession: Profession;
  onClose: () => void;
}

/** A service's week: a row for each span, or day and night. */
export function HoursDialog({ clinic, profession, onClose }: Props) {
  const t = useT();
  const names = weekdays(useLanguage(), "long");
  const service = clinic.services.find((one) => one.profession === profession);
  const [always, setAlways] = useState(service?.always ?? false);
  const [rows, setRows] = useState<Row[]>(() =>
    (service?.hours ?? []).map(({ weekday, opens, closes }, key) => ({
      key,
      weekday,
      opens: clock(opens),
      closes: clock(closes),
    })),
  );
  const [wrong, setWrong] = useState(false);
  const change = useChange(
    (input: { profession: Profession; always: boolean; hours: AdminHours[] }, key) =>
      api.put(`/api/v1/staff/admin/clinics/${clinic.id}/hours`, input, { key }),
    onClose,
  );
  const set = (key: number, part: Partial<Row>) =>
    setRows(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  const add = () => {
    const last = rows.at(-1);
    const next = last === undefined ? 0 : (last.weekday + 1) % 7;
    const key = Math.max(-1, ...rows.map((row) => row.key)) + 1;
    const [opens, closes] = [last?.opens ?? "08:00", last?.closes ?? "17:00"];
    setRows([...rows, { key, weekday: next, opens, closes }]);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      size="wide"
      title={t("admin.hours_of", {
        profession: t(`common.profession.${profession}`),
        clinic: clinic.name,
      })}
    >
      <form
        noValidate
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          const spans = rows.map((row) => spanOf(row.weekday, row.opens, row.closes));
          const hours = spans.filter((span) => span !== null);
          const whole = always || hours.length === spans.length;
          setWrong(!whole);
          if (whole) change.run({ profession, always, hours: always ? [] : hours });
        }}
      >
        <Checkbox
          label={t("admin.always")}
          checked={always}
          onChange={(event) => setAlways(event.target.checked)}
        />
        {!always && (
          <>
            <p className={styles.soft}>{t("admin.hours_hint")}</p>
            {rows.length === 0 && <p>{t("admin.never")}</p>}
            <ul className={styles.rows}>
              {rows.map((row, index) => (
                <li key={row.key}>
                  <fieldset className={styles.span}>
                    <legend className="visually-hidden">
                      {t("admin.row", { number: index + 1 })}
                    </legend>
                    <Select
                      label={t("admin.field.day")}
                      value={String(row.weekday)}
                      onChange={(event) => set(row.key, { weekday: Number(event.target.value) })}
                      options={names.map((name, day) => ({ value: String(day), label: name }))}
                    />
                    <Field
                      type="time"
                      label={t("admin.field.opens")}
                      value={row.opens}
                      onChange={(event) => set(row.key, { opens: event.target.value })}
                    />
                    <Field
                      type="time"
                      label={t("admin.field.closes")}
                      value={row.closes}
                      onChange={(event) => set(row.key, { closes: event.target.value })}
                    />
                    <Button
                      kind="quiet"
                      size="small"
                      icon="cross"
                      aria-label={t("admin.row_away", { number: index + 1 })}
                      onClick={() => setRows(rows.filter(({ key }) => key !== row.key))}
                    >
                      {t("admin.away")}
                    </Button>
                  </fieldset>
                </li>
              ))}
            </ul>
            <div className={styles.actions}>
              <Button kind="secondary" size="small" disabled={rows.length >= 70} onClick={add}>
                {t("admin.row_add")}
              </Button>
            </div>
          </>
        )}
        {wrong && (
          <Notice tone="danger" live="assertive">
            {t("admin.hours_wrong")}
          </Notice>
        )}
        <Problem error={change.error} />
        <FormActions text={t("admin.save")} busy={change.busy} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
