import { usePageTitle } from "../../../app/page";
import { useT } from "../../../i18n";
import { Card, LinkButton, PageHeading } from "../../../ui";
import type { Visit } from "../../../wire/types";
import { VisitStatePill } from "./VisitStatePill";

/** A visit that never became one: no answer, no-show, or back in the queue. */
export function HandedBack({ visit }: { visit: Visit }) {
  const t = useT();
  const title = t("staff.visit.title", { name: visit.patient?.name ?? "" });
  usePageTitle(title);
  return (
    <>
      <PageHeading>{title}</PageHeading>
      <Card>
        <p>
          <VisitStatePill state={visit.state} />
        </p>
        <p>{t("staff.visit.handed_back")}</p>
        <LinkButton href="/personal">{t("staff.to_queue")}</LinkButton>
      </Card>
    </>
  );
}
