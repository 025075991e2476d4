import { Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { Loading } from "../ui";
import { later } from "./later";
import { PatientPages as Pages } from "./PatientPages";
import { VisitRoom } from "./rooms";

/** At hand from the start; only its texts may have to be fetched. */
const PatientPages = later(() => Promise.resolve(Pages), "start");
const RequirePatient = later(async () => (await import("./known")).RequirePatient);
const StaffApp = later(
  async () => (await import("../features/staff")).default,
  "help",
  "staff",
  "visit",
);

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
