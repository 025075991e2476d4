import { useState } from "react";
import { type Language, type Translate, useLanguage, useT } from "../../i18n";
import { Button, VisuallyHidden } from "../../ui";
import { api } from "../../wire/rest";
import type { AdminClinic, AdminDay } from "../../wire/types";
import styles from "./Admin.module.css";
import { DayDialog, type DayInput } from "./DayDialog";
import { useChange } from "./data";
import { clock } from "./hours";
import { Problem } from "./Problem";

/** The days that are not like others: closed, or with hours of their own. */
export function Days({ clinic }: { clinic: AdminClinic }) {
  const t = useT();
  const language = useLanguage();
  const [adding, setAdding] = useState(false);
  const change = useChange((input: DayInput, key) =>
    api.put(`/api/v1/staff/admin/clinics/${clinic.id}/days`, input, { key }),
  );
  return (
    <section className={styles.days}>
      <h3>{t("admin.days")}</h3>
      {clinic.days.length > 0 && (
        <ul className={styles.held}>
          {clinic.days.map((each) => {
            const words = inWords(each, t, language);
            return (
              <li key={`${each.day} ${each.profession ?? ""}`}>
                <span>{words}</span>
                <Button
                  kind="quiet"
                  size="small"
                  busy={change.busy}
                  aria-label={t("admin.take_of", { commission: words })}
                  onClick={() =>
                    change.run({
                      day: each.day,
                      profession: each.profession,
                      usual: true,
                      hours: [],
                    })
                  }
                >
                  {t("admin.take")}
                </Button>
              </li>
            );
          })}
        </ul>
      )}
      <Problem error={change.error} />
      <div className={styles.actions}>
        <Button kind="secondary" size="small" onClick={() => setAdding(true)}>
          {t("admin.day_add")}
          <VisuallyHidden>{`: ${clinic.name}`}</VisuallyHidden>
        </Button>
      </div>
      {adding && <DayDialog clinic={clinic} onClose={() => setAdding(false)} />}
    </section>
  );
}

function inWords({ day, profession, hours }: AdminDay, t: Translate, language: Language): string {
  const date = new Intl.DateTimeFormat(language, {
    weekday: "short",
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  }).format(new Date(`${day}T00:00:00Z`));
  const spans = hours.map(({ opens, closes }) => `${clock(opens)}–${clock(closes)}`).join(", ");
  return t("admin.day_words", {
    date,
    who: profession === null ? t("admin.day_all") : t(`common.profession.${profession}`),
    hours: spans || t("admin.day_closed"),
  });
}
