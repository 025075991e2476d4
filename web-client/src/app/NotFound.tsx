import { useT } from "../i18n";
import { EmptyState, LinkButton } from "../ui";
import { usePageTitle } from "./page";

export function NotFound() {
  const t = useT();
  usePageTitle(t("common.not_found.title"));
  return (
    <EmptyState
      drawing="closed"
      heading="h1"
      title={t("common.not_found.title")}
      action={<LinkButton href="/">{t("common.not_found.home")}</LinkButton>}
    >
      {t("common.not_found.text")}
    </EmptyState>
  );
}
