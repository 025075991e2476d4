import { Suspense } from "react";
import { Link } from "wouter";
import { useClinics } from "../../app/clinics";
import { useConfig } from "../../app/config";
import { useSession } from "../../app/current";
import { later } from "../../app/later";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { Icon, type IconName } from "../../ui";
import { EveningHouse } from "./EveningHouse";
import { OpenNow, ShortestWait } from "./OpenNow";
import css from "./StartPage.module.css";

const around = () => import("./around");
const Resume = later(async () => (await around()).Resume);
const DemoHint = later(async () => (await around()).DemoHint);
const Steps = later(async () => (await around()).Steps);

function Way({
  href,
  icon,
  title,
  about,
}: {
  href: string;
  icon: IconName;
  title: string;
  about: string;
}) {
  return (
    <li>
      <Link href={href} className={css.way}>
        <Icon name={icon} size={28} />
        <span>
          <span className={css.wayTitle}>{title}</span>
          <span className={css.wayAbout}>{about}</span>
        </span>
        <Icon name="chevron" size={20} />
      </Link>
    </li>
  );
}

/** One question, one answer that most people want, and what is open before anybody logs in. */
export function StartPage() {
  const t = useT();
  const { demo } = useConfig();
  const clinics = useClinics();
  const session = useSession("patient");
  usePageTitle(t("start.title"));
  return (
    <>
      {session.data && (
        <Suspense fallback={null}>
          <Resume />
        </Suspense>
      )}
      <div className={css.hero}>
        <div className={css.heroInside}>
          <div className={css.heroWords}>
            <h1 tabIndex={-1} data-page-heading="">
              {t("start.title")}
            </h1>
            <p className={css.lead}>{t("start.lead")}</p>
            <Link href="/traffa" className={css.meet}>
              <Icon name="video" size={30} />
              {t("start.meet")}
              <Icon name="forward" />
            </Link>
            <ShortestWait clinics={clinics.data} />
          </div>
          <EveningHouse className={css.house} />
        </div>
      </div>
      <div className={css.below}>
        <OpenNow clinics={clinics.data} />
        <section aria-labelledby="also" className={css.section}>
          <h2 id="also">{t("start.also")}</h2>
          <ul className={css.ways}>
            <Way
              href="/mina-besok"
              icon="document"
              title={t("start.visits")}
              about={t("start.visits_about")}
            />
            <Way
              href="/personal"
              icon="people"
              title={t("start.staff")}
              about={t("start.staff_about")}
            />
          </ul>
        </section>
        <Suspense fallback={null}>
          <Steps />
          {demo && <DemoHint />}
        </Suspense>
      </div>
    </>
  );
}
