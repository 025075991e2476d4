import { usePageTitle } from "../../app/page";
import { useLogout } from "../../app/session";
import { useT } from "../../i18n";
import { Button, Card, LanguageSwitch, Logo, PageHeading } from "../../ui";
import styles from "../staff/shell/StaffLogin.module.css";
import { PasswordForm } from "./PasswordForm";

/** All that staff are shown while somebody else knows their password. */
export function FirstPassword() {
  const t = useT();
  const { logout, busy } = useLogout("staff");
  usePageTitle(t("password.first.title"), "password");
  return (
    <div className={styles.page}>
      <header className={styles.top} data-theme="dark">
        <Logo />
        <LanguageSwitch />
      </header>
      <main id="content" className={styles.main}>
        <PageHeading lead={t("password.first.lead")}>{t("password.first.title")}</PageHeading>
        <Card>
          <PasswordForm audience="staff" given onDone={() => undefined} />
        </Card>
        <div>
          <Button kind="quiet" icon="logout" busy={busy} onClick={logout}>
            {t("common.nav.logout")}
          </Button>
        </div>
      </main>
    </div>
  );
}
