import { useT } from "../../i18n";
import { LinkButton, Notice } from "../../ui";

export function DemoHint() {
  const t = useT();
  return (
    <Notice
      tone="warn"
      icon="info"
      title={t("start.demo_title")}
      actions={
        <LinkButton href="/logga-in" kind="secondary" size="small">
          {t("common.nav.login")}
        </LinkButton>
      }
    >
      {t("start.demo_text")}
    </Notice>
  );
}
