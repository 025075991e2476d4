import { useEffect } from "react";
import { Link } from "wouter";
import { type Offer, offersOf, PROFESSION_ICON, PROFESSIONS, useClinics } from "../../app/clinics";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { Column, EmptyState, ErrorState, Icon, Loading, PageHeading, StatusPill } from "../../ui";
import { toApiError } from "../../wire/problem";
import type { Profession } from "../../wire/types";
import css from "./ChoosePage.module.css";

function OfferRow({ clinic, service }: Offer) {
  const t = useT();
  const format = useFormat();
  const words = (
    <>
      <span className={css.clinic}>
        <span className={css.name}>{clinic.name}</span>
        <span className={css.area}>{clinic.area}</span>
      </span>
      {service.open ? (
        <span className={css.facts}>
          <span className={css.wait}>
            <Icon name="clock" size={20} />
            {format.wait(service.wait)}
          </span>
          <span className={css.area}>
            {t("patient.choose.waiting", { count: service.waiting })}
            {service.closes_at &&
              ` · ${t("patient.choose.closes", { time: format.moment(service.closes_at) })}`}
          </span>
        </span>
      ) : (
        <span className={css.facts}>
          <StatusPill tone="neutral" icon="clock">
            {t("start.closed")}
          </StatusPill>
          <span className={css.area}>
            {service.next_opening
              ? t("start.opens", { time: format.moment(service.next_opening) })
              : t("patient.choose.next_unknown")}
          </span>
        </span>
      )}
    </>
  );
  if (!service.open) return <div className={`${css.offer ?? ""} ${css.shut ?? ""}`}>{words}</div>;
  return (
    <Link href={`/traffa/${clinic.id}/${service.profession}`} className={css.offer}>
      {words}
      <Icon name="chevron" className={css.go} />
    </Link>
  );
}

function ProfessionPart({ profession, offers }: { profession: Profession; offers: Offer[] }) {
  const t = useT();
  return (
    <section aria-labelledby={profession} className={css.part}>
      <header className={css.head}>
        <span className={css.icon}>
          <Icon name={PROFESSION_ICON[profession]} size={32} />
        </span>
        <div>
          <h2 id={profession} tabIndex={-1}>
            {t(`common.profession.${profession}`)}
          </h2>
          <p className={css.about}>{t(`patient.choose.${profession}`)}</p>
        </div>
      </header>
      <ul className={css.offers}>
        {offers.map((offer) => (
          <li key={offer.clinic.id}>
            <OfferRow {...offer} />
          </li>
        ))}
      </ul>
    </section>
  );
}

export function ChoosePage() {
  const t = useT();
  const { data: clinics, error, refetch } = useClinics();
  usePageTitle(t("patient.choose.title"));
  const known = clinics !== undefined;
  useEffect(() => {
    // The start page leads to one of the professions by the address's fragment.
    if (known && location.hash) document.getElementById(location.hash.slice(1))?.focus();
  }, [known]);
  return (
    <Column back={{ href: "/", label: t("common.nav.start") }}>
      <PageHeading lead={t("patient.choose.lead")}>{t("patient.choose.title")}</PageHeading>
      {!clinics && error && <ErrorState error={toApiError(error)} onRetry={() => void refetch()} />}
      {!clinics && !error && <Loading />}
      {clinics?.length === 0 && <EmptyState drawing="closed" title={t("patient.choose.none")} />}
      {clinics &&
        PROFESSIONS.map((profession) => {
          const offers = offersOf(clinics, profession);
          return (
            offers.length > 0 && (
              <ProfessionPart key={profession} profession={profession} offers={offers} />
            )
          );
        })}
    </Column>
  );
}
