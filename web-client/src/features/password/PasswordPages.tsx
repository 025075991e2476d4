import { useState } from "react";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { Card, Column, Notice, PageHeading } from "../../ui";
import type { Audience } from "../../wire/types";
import { PasswordForm } from "./PasswordForm";

/** One's own password, from the menu of either side. */
export function PasswordPage({ audience }: { audience: Audience }) {
  const t = useT();
  const [done, setDone] = useState(false);
  usePageTitle(t("password.title"));
  const back =
    audience === "patient"
      ? { href: "/", label: t("common.nav.start") }
      : { href: "/personal", label: t("password.back") };
  return (
    <Column back={back}>
      <PageHeading>{t("password.title")}</PageHeading>
      {done ? (
        <Notice tone="ok" live="polite">
          {t("password.done")}
        </Notice>
      ) : (
        <Card>
          <PasswordForm audience={audience} onDone={() => setDone(true)} />
        </Card>
      )}
    </Column>
  );
}
