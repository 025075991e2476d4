import { usePageTitle } from "../../app/page";
import { useLogout } from "../../app/session";
import { useT } from "../../i18n";
import { Button, Card } from "../../ui";
import { StaffDoor } from "../staff/shell/StaffDoor";
import { PasswordForm } from "./PasswordForm";

/** All that staff are shown while somebody else knows their password. */
export function FirstPassword() {
  const t = useT();
  const { logout, busy } = useLogout("staff");
  usePageTitle(t("password.first.title"), "password");
  return (
    <StaffDoor title={t("password.first.title")} lead={t("password.first.lead")}>
      <Card>
        <PasswordForm audience="staff" given onDone={() => undefined} />
      </Card>
      <div>
        <Button kind="quiet" icon="logout" busy={busy} onClick={logout}>
          {t("common.nav.logout")}
        </Button>
      </div>
    </StaffDoor>
  );
}
