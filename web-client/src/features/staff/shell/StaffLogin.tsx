import { usePageTitle } from "../../../app/page";
import { useT } from "../../../i18n";
import { Card, TextLink } from "../../../ui";
import { LoginForm } from "../../login/LoginForm";
import { StaffDoor } from "./StaffDoor";
import styles from "./StaffLogin.module.css";

/** The way in for staff. The page that was asked for stands in the address, and follows by itself. */
export function StaffLogin() {
  const t = useT();
  usePageTitle(t("staff.login.title"), "login");
  return (
    <StaffDoor title={t("staff.login.title")} lead={t("staff.login.lead")}>
      <Card>
        <LoginForm audience="staff" onDone={() => undefined} />
      </Card>
      <p className={styles.other}>
        {t("staff.login.patient")} <TextLink href="/">{t("staff.login.patient_link")}</TextLink>
      </p>
    </StaffDoor>
  );
}
