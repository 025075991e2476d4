/** `/personal/administration`: the staff, the clinics, and what administrators did. */
import { Link, Redirect, Route, Switch, useRoute } from "wouter";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { PageHeading } from "../../ui";
import type { Account } from "../../wire/types";
import styles from "./Admin.module.css";
import { Clinics } from "./Clinics";
import { Log } from "./Log";
import { People } from "./People";

const BASE = "/personal/administration";

export function AdminPage({ account }: { account: Account }) {
  const t = useT();
  usePageTitle(t("admin.title"));
  return (
    <div className={styles.page}>
      <PageHeading lead={t("admin.lead")}>{t("admin.title")}</PageHeading>
      <nav className={styles.parts} aria-label={t("admin.parts")}>
        <Part href={BASE} text={t("admin.people")} />
        <Part href={`${BASE}/mottagningar`} text={t("admin.clinics")} />
        <Part href={`${BASE}/logg`} text={t("admin.log")} />
      </nav>
      <Switch>
        <Route path={BASE}>
          <People me={account.id} />
        </Route>
        <Route path={`${BASE}/mottagningar`} component={Clinics} />
        <Route path={`${BASE}/logg`} component={Log} />
        <Route>
          <Redirect to={BASE} replace />
        </Route>
      </Switch>
    </div>
  );
}

function Part({ href, text }: { href: string; text: string }) {
  const [here] = useRoute(href);
  return (
    <Link href={href} className={styles.part} aria-current={here ? "page" : undefined}>
      {text}
    </Link>
  );
}
