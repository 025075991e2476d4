import { Link } from "wouter";
import { type Offer, offersOf, PROFESSION_ICON, PROFESSIONS } from "../../app/clinics";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { Icon, StatusPill } from "../../ui";
import type { Clinic, Profession } from "../../wire/types";
import css from "./OpenNow.module.css";

function earliest(offers: readonly Offer[]): string | null {
  const times = offers.flatMap(({ service }) => service.next_opening ?? []);
  return times.sort()[0] ?? null;
}

/** The line under the one big button: is anybody there, and for how long does one wait? */
export function ShortestWait({ clinics }: { clinics: Clinic[] | undefined }) {
  const t = useT();
  const format = useFormat();
  if (!clinics) return <p className={css.line} aria-hidden="true" />;
  const best = PROFESSIONS.flatMap((profession) => offersOf(clinics, profession))
    .filter(({ service }) => service.open)
    .sort((a, b) => low(a) - low(b))[0];
  if (!best) return <p className={css.line}>{t("start.all_closed")}</p>;
  return (
    <p className={css.line}>
      <span className={css.lit} aria-hidden="true" />
      {best.service.wait.kind === "unknown"
        ? t("start.now")
        : t("start.shortest", { wait: format.wait(best.service.wait).toLowerCase() })}
    </p>
  );
}

function low({ service }: Offer): number {
  return service.wait.kind === "range" ? service.wait.low_minutes : Number.POSITIVE_INFINITY;
}

function ProfessionCard({ profession, offers }: { profession: Profession; offers: Offer[] }) {
  const t = useT();
  const format = useFormat();
  const open = offers.filter(({ service }) => service.open);
  const best = open[0];
  const next = earliest(offers);
  return (
    <li>
      <Link href={`/traffa#${profession}`} className={css.card}>
        <span className={css.head}>
          <span className={css.icon}>
            <Icon name={PROFESSION_ICON[profession]} size={30} />
          </span>
          <StatusPill tone={best ? "ok" : "neutral"} icon={best ? "check" : "clock"}>
            {t(best ? "start.open" : "start.closed")}
          </StatusPill>
        </span>
        <span className={css.name}>{t(`common.profession.${profession}`)}</span>
        <span className={css.wait}>
          {best && format.wait(best.service.wait)}
          {!best && next && t("start.opens", { time: format.moment(next) })}
        </span>
        {best && (
          <span className={css.count}>{t("start.clinics_open", { count: open.length })}</span>
        )}
      </Link>
    </li>
  );
}

export function OpenNow({ clinics }: { clinics: Clinic[] | undefined }) {
  const t = useT();
  return (
    <section aria-labelledby="open-now" className={css.section}>
      <h2 id="open-now">{t("start.now")}</h2>
      <ul className={css.cards}>
        {PROFESSIONS.map((profession) =>
          clinics ? (
            <ProfessionCard
              key={profession}
              profession={profession}
              offers={offersOf(clinics, profession)}
            />
          ) : (
            <li key={profession} className={css.ghost} aria-hidden="true" />
          ),
        )}
      </ul>
    </section>
  );
}
