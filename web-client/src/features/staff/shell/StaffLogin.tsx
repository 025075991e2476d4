import { usePageTitle } from "../../../app/page";
import { useT } from "../../../i18n";
import { Card, LanguageSwitch, Logo, PageHeading, TextLink } from "../../../ui";
import { LoginForm } from "../../login/LoginForm";
import styles from "./StaffLogin.module.css";

/** The way in for staff. The page that was asked for stands in the address, and follows by itself. */
export function StaffLogin() {
  const t = useT();
  usePageTitle(t("staff.login.title"), "login");
  return (
    <div className={styles.page}>
      <header className={styles.top} data-theme="dark">
        <Logo />
        <LanguageSwitch />
      </header>
      <main id="content" className={styles.main}>
        <PageHeading lead={t("staff.login.lead")}>{t("staff.login.title")}</PageHeading>
        <Card>
          <LoginForm audience="staff" onDone={() => undefined} />
        </Card>
        <p className={styles.other}>
          {t("staff.login.patient")} <TextLink href="/">{t("staff.login.patient_link")}</TextLink>
        </p>
      </main>
    </div>
  );
}
