import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { StartPage } from "../features/start/StartPage";
import { loadAreas } from "../i18n";
import { Loading } from "../ui";
import { NotFound } from "./NotFound";
import { RequirePatient } from "./RequirePatient";
import { Shell } from "./Shell";

const patientTexts = () => loadAreas("patient");
const LoginPage = lazy(async () => {
  const [module] = await Promise.all([import("../features/login/LoginPage"), patientTexts()]);
  return { default: module.LoginPage };
});
const ChoosePage = lazy(async () => {
  const [module] = await Promise.all([import("../features/clinics/ChoosePage"), patientTexts()]);
  return { default: module.ChoosePage };
});
const AskPage = lazy(async () => {
  const [module] = await Promise.all([import("../features/clinics/AskPage"), patientTexts()]);
  return { default: module.AskPage };
});
const DeviceCheckPage = lazy(async () => {
  const [module] = await Promise.all([
    import("../features/devicecheck/DeviceCheckPage"),
    patientTexts(),
  ]);
  return { default: module.DeviceCheckPage };
});
const QueuePage = lazy(async () => {
  const [module] = await Promise.all([import("../features/queue/QueuePage"), patientTexts()]);
  return { default: module.QueuePage };
});
const VisitsPage = lazy(async () => {
  const [module] = await Promise.all([import("../features/history/VisitsPage"), patientTexts()]);
  return { default: module.VisitsPage };
});
const VisitPage = lazy(async () => {
  const [module] = await Promise.all([
    import("../features/history/VisitPage"),
    loadAreas("patient", "visit"),
  ]);
  return { default: module.VisitPage };
});
const CallWatcher = lazy(async () => {
  const [module] = await Promise.all([import("../features/queue/CallWatcher"), patientTexts()]);
  return { default: module.CallWatcher };
});
const VisitRoom = lazy(async () => {
  const [module] = await Promise.all([import("../features/visit"), loadAreas("visit")]);
  return module;
});
const StaffApp = lazy(async () => {
  const [module] = await Promise.all([import("../features/staff"), loadAreas("staff", "visit")]);
  return module;
});

function PatientPages() {
  return (
    <Shell>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/" component={StartPage} />
          <Route path="/logga-in" component={LoginPage} />
          <Route path="/traffa" component={ChoosePage} />
          <Route path="/traffa/:clinic/:profession">
            {(params) => <RequirePatient><AskPage {...params} /></RequirePatient>}
          </Route>
          <Route path="/traffa/:clinic/:profession/utrustning">
            {(params) => <RequirePatient><DeviceCheckPage {...params} /></RequirePatient>}
          </Route>
          <Route path="/ko/:ticket">
            {({ ticket }) => <RequirePatient><QueuePage key={ticket} ticketId={ticket} /></RequirePatient>}
          </Route>
          <Route path="/mina-besok">
            <RequirePatient>
              <VisitsPage />
            </RequirePatient>
          </Route>
          <Route path="/mina-besok/:id">
            {({ id }) => <RequirePatient><VisitPage key={id} visitId={id} /></RequirePatient>}
          </Route>
          <Route component={NotFound} />
        </Switch>
      </Suspense>
      <Suspense fallback={null}>
        <CallWatcher />
      </Suspense>
    </Shell>
  );
}

export function Router() {
  // The staff's own host opens on the staff's pages.
  const atStaffHost = location.hostname.startsWith("personal.");
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/">{atStaffHost ? <Redirect to="/personal" replace /> : <PatientPages />}</Route>
        <Route path="/personal/*?" component={StaffApp} />
        <Route path="/besok/:id">
          {({ id }) => (
            <RequirePatient>
              <VisitRoom key={id} audience="patient" visitId={id} />
            </RequirePatient>
          )}
        </Route>
        <Route component={PatientPages} />
      </Switch>
    </Suspense>
  );
}
