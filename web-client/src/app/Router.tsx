import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { loadAreas } from "../i18n";
import { Loading } from "../ui";

const PatientPages = lazy(async () => {
  const [module] = await Promise.all([import("./PatientPages"), loadAreas("start")]);
  return { default: module.PatientPages };
});
const RequirePatient = lazy(async () => ({
  default: (await import("./RequirePatient")).RequirePatient,
}));
const VisitRoom = lazy(async () => {
  const [module] = await Promise.all([import("../features/visit"), loadAreas("help", "visit")]);
  return module;
});
const StaffApp = lazy(async () => {
  const [module] = await Promise.all([
    import("../features/staff"),
    loadAreas("help", "staff", "visit"),
  ]);
  return module;
});

/** Patients at `/…`, staff at `/personal/…`, the visit room bare of either's surroundings. */
export function Router() {
  // The staff's own host opens on the staff's pages.
  const atStaffHost = location.hostname.startsWith("personal.");
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/">
          {atStaffHost ? <Redirect to="/personal" replace /> : <PatientPages />}
        </Route>
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
