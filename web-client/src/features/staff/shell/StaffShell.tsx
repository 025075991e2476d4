import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link, useRoute } from "wouter";
import { useT } from "../../../i18n";
import { Icon, LanguageSwitch, Logo } from "../../../ui";
import type { IconName } from "../../../ui";
import type { Account } from "../../../wire/types";
import { DutyPill } from "../duty/DutyPill";
import { visitsQuery } from "../mine/visitsQuery";
import { needsSigning } from "../visit/stage";
import { SettingsDialog } from "./SettingsDialog";
import styles from "./StaffShell.module.css";
import { titleOf, works } from "./titleOf";

interface ShellProps {
  account: Account;
  children: ReactNode;
  /** The visit fills what the header leaves and scrolls by itself. */
  fill?: boolean;
}

/** The frame of every page: where one is, who one is, and whether one is on duty. */
export function StaffShell({ account, children, fill = false }: ShellProps) {
  const t = useT();
  return (
    <div className={fill ? `${styles.shell} ${styles.filling}` : styles.shell} data-density="dense">
      <a className={styles.skip} href="#content">
        {t("common.skip")}
      </a>
      <StaffHeader account={account} as={fill ? "section" : "header"} />
      {fill ? (
        // The visit's room brings its own header and main: of each there is one on a page.
        <div id="content" tabIndex={-1} className={styles.fill}>
          {children}
        </div>
      ) : (
        <main id="content" tabIndex={-1} className={styles.main}>
          {children}
        </main>
      )}
    </div>
  );
}

function StaffHeader({ account, as: Tag }: { account: Account; as: "header" | "section" }) {
  const t = useT();
  const [settings, setSettings] = useState(false);
  // Who only administers has neither queue nor visits.
  const cares = works(account) || !account.administrator;
  const visits = useQuery({ ...visitsQuery, enabled: cares });
  const unsigned = visits.data?.filter(needsSigning).length ?? 0;
  return (
    <Tag className={styles.header} {...(Tag === "section" && { "aria-label": t("staff.bar") })}>
      <Link href="/personal" className={styles.logo} aria-label={t("staff.place")}>
        <span data-theme="dark" className={styles.onDeep}>
          <Logo />
        </span>
      </Link>
      <nav className={styles.nav} aria-label={t("common.nav")}>
        {cares && <NavLink href="/personal" icon="people" text={t("staff.nav.queue")} />}
        {cares && (
          <NavLink
            href="/personal/mina-besok"
            icon="document"
            text={t("staff.nav.mine")}
            {...(unsigned > 0 && {
              badge: unsigned,
              about: t("staff.nav.unsigned", { count: unsigned }),
            })}
          />
        )}
        {account.administrator && (
          <NavLink
            href="/personal/administration"
            below
            icon="people"
            text={t("staff.nav.admin")}
          />
        )}
      </nav>
      {cares && <DutyPill account={account} />}
      <div className={styles.who}>
        <span className={styles.name}>{account.name}</span>
        <span className={styles.title}>{titleOf(t, account)}</span>
      </div>
      <span data-theme="dark" className={styles.onDeep}>
        <LanguageSwitch />
      </span>
      <button
        type="button"
        className={styles.settings}
        onClick={() => {
          setSettings(true);
        }}
      >
        <Icon name="settings" />
        <span className={styles.settingsText}>{t("staff.settings")}</span>
      </button>
      <section className={styles.dialogs}>
        <SettingsDialog
          open={settings}
          account={account}
          onClose={() => {
            setSettings(false);
          }}
        />
      </section>
    </Tag>
  );
}

interface NavLinkProps {
  href: string;
  icon: IconName;
  text: string;
  /** Also shown as the current one on the pages below it. */
  below?: boolean;
  badge?: number;
  about?: string;
}

function NavLink({ href, icon, text, below, badge, about }: NavLinkProps) {
  const [here] = useRoute(below ? `${href}/*?` : href);
  return (
    <Link href={href} className={styles.navLink} aria-current={here ? "page" : undefined}>
      <Icon name={icon} />
      <span>{text}</span>
      {badge !== undefined && (
        <span className={styles.badge} title={about}>
          <span aria-hidden="true">{badge}</span>
          <span className={styles.hidden}>{about}</span>
        </span>
      )}
    </Link>
  );
}
