import { useState } from "react";
import { PROFESSIONS } from "../../app/clinics";
import { type Language, useLanguage, useT } from "../../i18n";
import { Button, ErrorState, Loading } from "../../ui";
import { toApiError } from "../../wire/problem";
import type { AdminClinic, AdminService, Profession } from "../../wire/types";
import styles from "./Admin.module.css";
import { Days } from "./Days";
import { useClinics } from "./data";
import { HoursDialog } from "./HoursDialog";
import { stretches, weekdays } from "./hours";
import { NewClinic } from "./NewClinic";

/** The clinics, whom one meets there, and when. */
export function Clinics() {
  const t = useT();
  const clinics = useClinics();
  const [adding, setAdding] = useState(false);
  if (clinics.data === undefined) {
    return clinics.error === null ? (
      <Loading />
    ) : (
      <ErrorState error={toApiError(clinics.error)} onRetry={() => void clinics.refetch()} />
    );
  }
  return (
    <section className={styles.part1} aria-label={t("admin.clinics")}>
      <div className={styles.actions}>
        <Button icon="place" onClick={() => setAdding(true)}>
          {t("admin.new_clinic")}
        </Button>
      </div>
      <ul className={styles.list}>
        {clinics.data.map((clinic) => (
          <li key={clinic.id} className={styles.clinic}>
            <ClinicCard clinic={clinic} />
          </li>
        ))}
      </ul>
      {adding && <NewClinic onClose={() => setAdding(false)} />}
    </section>
  );
}

function ClinicCard({ clinic }: { clinic: AdminClinic }) {
  const t = useT();
  const language = useLanguage();
  const [changing, setChanging] = useState<Profession | null>(null);
  return (
    <>
      <h2>{clinic.name}</h2>
      <p className={styles.soft}>{clinic.area}</p>
      <dl className={styles.services}>
        {PROFESSIONS.map((profession) => {
          const service = clinic.services.find((one) => one.profession === profession);
          const name = t(`common.profession.${profession}`);
          return (
            <div key={profession}>
              <dt>{name}</dt>
              <dd>
                <span>{service ? inWords(service, t, language) : t("admin.not_offered")}</span>
                <Button
                  kind="secondary"
                  size="small"
                  aria-label={t(service ? "admin.change_of" : "admin.offer_of", {
                    name: t("admin.works_as", { profession: name, clinic: clinic.name }),
                  })}
                  onClick={() => setChanging(profession)}
                >
                  {t(service ? "admin.change" : "admin.offer")}
                </Button>
              </dd>
            </div>
          );
        })}
      </dl>
      {clinic.services.length > 0 && <Days clinic={clinic} />}
      {changing !== null && (
        <HoursDialog clinic={clinic} profession={changing} onClose={() => setChanging(null)} />
      )}
    </>
  );
}

function inWords(service: AdminService, t: ReturnType<typeof useT>, language: Language): string {
  if (service.always) return t("admin.always");
  const days = weekdays(language, "short");
  const words = stretches(service.hours).map(({ from, to, spans }) =>
    from === to ? `${days[from] ?? ""} ${spans}` : `${days[from] ?? ""}–${days[to] ?? ""} ${spans}`,
  );
  return words.length === 0 ? t("admin.never") : words.join("; ");
}
