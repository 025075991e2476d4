import { type ComponentType, lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { StartPage } from "../features/start/StartPage";
import { type Area, loadAreas } from "../i18n";
import { Loading } from "../ui";
import { Shell } from "./Shell";
import { useSession } from "./current";

/** A page and its texts, fetched together. */
function page<P extends object>(load: () => Promise<ComponentType<P>>, ...more: Area[]) {
  return lazy(async () => {
    const [component] = await Promise.all([load(), loadAreas("help", "patient", ...more)]);
    return { default: component };
  });
}

const NotFound = page(async () => (await import("./NotFound")).NotFound);
const RequirePatient = page(async () => (await import("./RequirePatient")).RequirePatient);
const LoginPage = page(async () => (await import("../features/login/LoginPage")).LoginPage);
const ChoosePage = page(async () => (await import("../features/clinics/ChoosePage")).ChoosePage);
const AskPage = page(async () => (await import("../features/clinics/AskPage")).AskPage);
const EquipmentPage = page(
  async () => (await import("../features/clinics/EquipmentPage")).EquipmentPage,
);
const QueuePage = page(async () => (await import("../features/queue/QueuePage")).QueuePage);
const CallWatcher = page(async () => (await import("../features/queue/CallWatcher")).CallWatcher);
const VisitsPage = page(async () => (await import("../features/history/VisitsPage")).VisitsPage);
// The conversation's own lines are worded by the visit.
const VisitPage = page(
  async () => (await import("../features/history/VisitPage")).VisitPage,
  "visit",
);

function Pages() {
  return (
    <Switch>
      <Route path="/" component={StartPage} />
      <Route path="/logga-in" component={LoginPage} />
      <Route path="/traffa" component={ChoosePage} />
      <Route path="/traffa/:clinic/:profession">
        {(params) => (
          <RequirePatient>
            <AskPage {...params} />
          </RequirePatient>
        )}
      </Route>
      <Route path="/traffa/:clinic/:profession/utrustning">
        {(params) => (
          <RequirePatient>
            <EquipmentPage {...params} />
          </RequirePatient>
        )}
      </Route>
      <Route path="/ko/:ticket">
        {({ ticket }) => (
          <RequirePatient>
            <QueuePage key={ticket} ticketId={ticket} />
          </RequirePatient>
        )}
      </Route>
      <Route path="/mina-besok">
        <RequirePatient>
          <VisitsPage />
        </RequirePatient>
      </Route>
      <Route path="/mina-besok/:id">
        {({ id }) => (
          <RequirePatient>
            <VisitPage key={id} visitId={id} />
          </RequirePatient>
        )}
      </Route>
      <Route component={NotFound} />
    </Switch>
  );
}

export function PatientPages() {
  const session = useSession("patient");
  return (
    <Shell>
      <Suspense fallback={<Loading />}>
        <Pages />
      </Suspense>
      {session.data && (
        <Suspense fallback={null}>
          <CallWatcher />
        </Suspense>
      )}
    </Shell>
  );
}
