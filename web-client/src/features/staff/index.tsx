/** The clinician's workplace: everything under `/personal`. */
import { Suspense, useEffect } from "react";
import { Route, Switch } from "wouter";
import { later } from "../../app/later";
import { useSession } from "../../app/session";
import { useLogoutElsewhere } from "../../app/tabs";
import { useT } from "../../i18n";
import { Loading } from "../../ui";
import type { Account } from "../../wire/types";
import { useDutyHints } from "./duty/useDuty";
import { MyVisitsPage } from "./mine/MyVisitsPage";
import { QueuePage } from "./queue/QueuePage";
import { DeadEnd } from "./shell/DeadEnd";
import { StaffLogin } from "./shell/StaffLogin";
import { StaffShell } from "./shell/StaffShell";

const StaffVisitPage = later(async () => (await import("./visit/StaffVisitPage")).default);

export default function StaffApp() {
  const session = useSession("staff");
  if (session.isPending) return <Loading />;
  if (!session.data) return <StaffLogin />;
  return <Workplace key={session.data.account.id} account={session.data.account} />;
}

function Workplace({ account }: { account: Account }) {
  useDutyHints();
  useLogoutElsewhere();
  // Nobody waits for the program when a patient is taken.
  useEffect(() => {
    void StaffVisitPage.ahead();
  }, []);
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/personal/besok/:id">
          {({ id }) => <StaffVisitPage key={id} visitId={id} account={account} />}
        </Route>
        <Route>
          <StaffShell account={account}>
            <Switch>
              <Route path="/personal">
                <QueuePage account={account} />
              </Route>
              <Route path="/personal/mina-besok" component={MyVisitsPage} />
              <Route component={Lost} />
            </Switch>
          </StaffShell>
        </Route>
      </Switch>
    </Suspense>
  );
}

function Lost() {
  const t = useT();
  return <DeadEnd title={t("staff.lost.title")} text={t("staff.lost.text")} />;
}
