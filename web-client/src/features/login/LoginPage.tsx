import { Redirect, useLocation, useSearchParams } from "wouter";
import { usePageTitle } from "../../app/page";
import { useSession } from "../../app/current";
import { useT } from "../../i18n";
import { Card, Column, PageHeading } from "../../ui";
import { LoginForm } from "./LoginForm";

/** Only to our own pages: an address from outside must not lead anybody away. */
export function safeTarget(wanted: string | null): string {
  return wanted && /^\/(?![/\\])/.test(wanted) ? wanted : "/";
}

export function LoginPage() {
  const t = useT();
  const [params] = useSearchParams();
  const [, go] = useLocation();
  const session = useSession("patient");
  const target = safeTarget(params.get("till"));
  usePageTitle(t("patient.login.title"));
  if (session.data) return <Redirect to={target} replace />;
  return (
    <Column back={{ href: "/", label: t("common.nav.start") }}>
      <PageHeading lead={t("patient.login.lead")}>{t("patient.login.title")}</PageHeading>
      <Card>
        <LoginForm audience="patient" onDone={() => go(target, { replace: true })} />
      </Card>
    </Column>
  );
}
