/** The clinician's workplace: everything under `/personal`. */
import { Suspense, useEffect } from "react";
import { Redirect, Route, Switch } from "wouter";
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
import { works } from "./shell/titleOf";
import { StaffShell } from "./shell/StaffShell";

const StaffVisitPage = later(async () => (await import("./visit/StaffVisitPage")).default);
/** Of the few who administer: code and texts come when it is opened. */
const AdminPage = later(async () => (await import("../admin/AdminPage")).AdminPage, "admin");
const PasswordPage = later(
  async () => (await import("../password/PasswordPages")).PasswordPage,
  "password",
);
const FirstPassword = later(
  async () => (await import("../password/FirstPassword")).FirstPassword,
  "password",
);

export default function StaffApp() {
  const session = useSession("staff");
  if (session.isPending) return <Loading />;
  if (!session.data) return <StaffLogin />;
  if (session.data.account.password_given) {
    return (
      <Suspense fallback={<Loading />}>
        <FirstPassword key={session.data.account.id} />
      </Suspense>
    );
  }
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
                {account.administrator && !works(account) ? (
                  <Redirect to="/personal/administration" replace />
                ) : (
                  <QueuePage account={account} />
                )}
              </Route>
              <Route path="/personal/mina-besok" component={MyVisitsPage} />
              <Route path="/personal/losenord">
                <PasswordPage audience="staff" />
              </Route>
              {account.administrator && (
                <Route path="/personal/administration/*?">
                  <AdminPage account={account} />
                </Route>
              )}
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
