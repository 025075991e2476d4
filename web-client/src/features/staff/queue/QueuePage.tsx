import { useEffect, useState } from "react";
import { useAnnounce } from "../../../app/announce";
import { usePageTitle } from "../../../app/page";
import { useT } from "../../../i18n";
import { Card, ErrorState, Loading, Notice, PageHeading } from "../../../ui";
import { toApiError } from "../../../wire/problem";
import type { Account, Duty } from "../../../wire/types";
import { GoOnDuty } from "../duty/GoOnDuty";
import { useDuty } from "../duty/useDuty";
import { takeFlash } from "../flash";
import { OpenVisits } from "./OpenVisits";
import styles from "./QueuePage.module.css";
import { QueueView } from "./QueueView";

/** `/personal`: own open visits first, then the queue, or the way to go on duty. */
export function QueuePage({ account }: { account: Account }) {
  const duty = useDuty();
  const [flash] = useState(takeFlash);
  const announce = useAnnounce();
  useEffect(() => {
    if (flash !== null) announce(flash);
  }, [announce, flash]);
  if (duty.data === undefined) {
    return duty.error === null ? (
      <Loading />
    ) : (
      <ErrorState heading="h1" error={toApiError(duty.error)} onRetry={() => void duty.refetch()} />
    );
  }
  return (
    <div className={styles.page}>
      {flash !== null && <Notice tone="ok">{flash}</Notice>}
      <OpenVisits visits={duty.data.open_visits} />
      {duty.data.state === "off" ? <OffDuty account={account} /> : <OnDuty duty={duty.data} />}
    </div>
  );
}

function OnDuty({ duty }: { duty: Duty }) {
  // A new commission is another queue: nothing of the old one is carried over.
  return <QueueView key={`${duty.clinic_id ?? ""} ${duty.profession ?? ""}`} duty={duty} />;
}

function OffDuty({ account }: { account: Account }) {
  const t = useT();
  usePageTitle(t("staff.queue.title"), "off");
  return (
    <div className={styles.off}>
      <PageHeading lead={t("staff.duty.welcome_lead")}>
        {t("staff.duty.welcome", { name: account.name.split(" ")[0] ?? account.name })}
      </PageHeading>
      <Card>
        <GoOnDuty account={account} />
      </Card>
    </div>
  );
}
