import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { useT } from "../i18n";
import { Icon, LanguageSwitch, Logo, cx } from "../ui";
import { useOnline } from "../wire/online";
import { useAnnounce } from "./announce";
import { useConfig } from "./config";
import { useSession } from "./current";
import { later } from "./later";
import css from "./Shell.module.css";

export const AccountMenu = later(async () => (await import("./known")).AccountMenu);

/** On every page before the queue, and on the queue itself: the two numbers that come first. */
function EmergencyStrip() {
  const t = useT();
  const { emergency_number: emergency, advice_number: advice } = useConfig();
  return (
    <aside className="emergency-strip" aria-label={t("common.emergency.label")}>
      <div>
        <a href={`tel:${emergency}`}>
          <span>{t("common.emergency.question")}</span>{" "}
          <strong>{t("common.emergency.call")}</strong>
        </a>
        <a href={`tel:${advice}`}>
          <span>{t("common.advice.question")}</span> <strong>{t("common.advice.call")}</strong>
        </a>
      </div>
    </aside>
  );
}

function OfflineBanner() {
  const t = useT();
  const online = useOnline();
  const announce = useAnnounce();
  const before = useRef(online);
  useEffect(() => {
    if (before.current === online) return;
    before.current = online;
    announce(online ? t("common.online_again") : t("common.offline.title"));
  }, [announce, online, t]);
  if (online) return null;
  return (
    <section className={css.offline} aria-label={t("common.offline.title")}>
      <Icon name="offline" />
      <p>
        <strong>{t("common.offline.title")}</strong> {t("common.offline.text")}
      </p>
    </section>
  );
}

function Header() {
  const t = useT();
  const [path] = useLocation();
  const session = useSession("patient");
  const here = path.startsWith("/mina-besok");
  return (
    <header className={css.header}>
      <div className={css.headerInside}>
        <Link
          href="/"
          className={css.home}
          aria-label={`${t("common.product")}, ${t("common.nav.start")}`}
        >
          <Logo />
        </Link>
        <nav className={css.nav} aria-label={t("common.nav")}>
          {session.data && (
            <Link
              href="/mina-besok"
              className={cx(css.navLink, css.wideOnly)}
              aria-current={here ? "page" : undefined}
            >
              {t("common.nav.visits")}
            </Link>
          )}
          <LanguageSwitch />
          {session.data ? (
            <Suspense fallback={null}>
              <AccountMenu name={session.data.account.name} />
            </Suspense>
          ) : (
            path !== "/logga-in" && (
              <Link href="/logga-in" className={css.login}>
                {t("common.nav.login")}
              </Link>
            )
          )}
        </nav>
      </div>
    </header>
  );
}

function Footer() {
  const t = useT();
  const config = useConfig();
  return (
    <footer className={css.footer}>
      <div className={css.footerInside}>
        <div>
          <p>
            <strong>{config.region_name || t("common.product")}</strong>
          </p>
          <p>{t("common.footer.phone")}</p>
        </div>
        <div>
          {config.demo && <p>{t("common.footer.demo")}</p>}
          <p>{t("common.footer.about")}</p>
          <p>
            <Link href="/personal">{t("common.nav.staff")}</Link>
          </p>
        </div>
      </div>
    </footer>
  );
}

/** What is around every page of the patient. Pages set their own width. */
export function Shell({ children }: { children: ReactNode }) {
  const t = useT();
  const main = useRef<HTMLElement>(null);
  return (
    <div className={css.shell}>
      <button
        type="button"
        className={css.skip}
        onClick={() => {
          main.current?.focus();
          main.current?.scrollIntoView();
        }}
      >
        {t("common.skip")}
      </button>
      <EmergencyStrip />
      <Header />
      <OfflineBanner />
      <main ref={main} tabIndex={-1} className={css.main}>
        {children}
      </main>
      <Footer />
    </div>
  );
}
