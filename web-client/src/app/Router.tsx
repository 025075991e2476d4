import { Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { Loading } from "../ui";
import { later } from "./later";
import { PatientPages as Pages, pageAhead } from "./PatientPages";
import { VisitRoom } from "./rooms";

/** At hand from the start; only its texts may have to be fetched. */
const PatientPages = later(() => Promise.resolve(Pages), "start");
const RequirePatient = later(async () => (await import("./known")).RequirePatient);
const StaffApp = later(
  async () => (await import("../features/staff")).default,
  "help",
  "staff",
  "visit",
  "needs",
);

const GuestPage = later(
  async () => (await import("../features/guest")).default,
  "guest",
  "help",
  "people",
  "visit",
  "needs",
);

/** Fetches what the page at this address is made of, so that it is shown in one piece. */
export async function ahead(path: string): Promise<void> {
  if (path.startsWith("/personal")) return StaffApp.ahead();
  if (path === "/gast") return GuestPage.ahead();
  if (path.startsWith("/besok/")) {
    await Promise.all([RequirePatient.ahead(), VisitRoom.ahead()]);
  } else {
    await Promise.all([PatientPages.ahead(), pageAhead(path)]);
  }
}

/**
 * Patients at `/…`, staff at `/personal/…`; guests and the visit room bare of either's surroundings.
 */
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
        <Route path="/gast" component={GuestPage} />
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
