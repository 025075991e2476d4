import { usePageTitle } from "../../../app/page";
import { useT } from "../../../i18n";
import { Drawing, LinkButton, PageHeading } from "../../../ui";
import styles from "./DeadEnd.module.css";

/** An address that leads nowhere, and the way out of it. */
export function DeadEnd({ title, text }: { title: string; text: string }) {
  const t = useT();
  usePageTitle(title);
  return (
    <div className={styles.end}>
      <Drawing name="door" />
      <PageHeading lead={text}>{title}</PageHeading>
      <LinkButton href="/personal">{t("staff.to_queue")}</LinkButton>
    </div>
  );
}
