import { type ComponentType, Suspense, useEffect } from "react";
import { Route, Switch } from "wouter";
import { StartPage } from "../features/start/StartPage";
import type { Area } from "../i18n";
import { timesAhead } from "../i18n/format";
import { Loading } from "../ui";
import { ticketQuery } from "../wire/queries";
import { later } from "./later";
import { AccountMenu, Shell } from "./Shell";
import { sessionQuery, useSession } from "./current";
import { queries } from "./queries";
import { EquipmentTest } from "./rooms";

/** After the page that was asked for. */
const AHEAD_MS = 800;

/** A page and its texts, fetched together. */
function page<P extends object>(load: () => Promise<ComponentType<P>>, ...more: Area[]) {
  return later(load, "help", "patient", ...more);
}

const NotFound = page(async () => (await import("./NotFound")).NotFound);
const known = () => import("./known");
const way = () => import("./way");
const history = () => import("../features/history");
const RequirePatient = page(async () => (await known()).RequirePatient);
const LoginPage = page(async () => (await import("../features/login/LoginPage")).LoginPage);
const ChoosePage = page(async () => (await way()).ChoosePage);
const AskPage = page(async () => (await way()).AskPage, "needs");
const EquipmentPage = page(async () => (await way()).EquipmentPage);
const QueuePage = page(async () => (await way()).QueuePage, "needs");
const CallWatcher = page(async () => (await known()).CallWatcher);
const VisitsPage = page(async () => (await history()).VisitsPage);
const PasswordPage = page(
  async () => (await import("../features/password/PasswordPages")).PasswordPage,
  "password",
);
// The conversation's own lines are worded by the visit.
const VisitPage = page(async () => (await history()).VisitPage, "visit");

/** Fetches the page at this address, and what it shows, while the server says who is there. */
export async function pageAhead(path: string): Promise<void> {
  if (path === "/logga-in") return LoginPage.ahead();
  const [, room, id] = path.split("/");
  const known = async () => {
    const session = await queries.query(sessionQuery("patient")).catch(() => null);
    if (session) {
      await Promise.all([RequirePatient, CallWatcher, AccountMenu].map((part) => part.ahead()));
    }
  };
  if (room === "ko" || room === "mina-besok") timesAhead();
  if (room === "ko" || room === "traffa") {
    const place = room === "ko" && id ? queries.query(ticketQuery(id)) : null;
    await Promise.all([known(), QueuePage.ahead(), place?.catch(() => undefined)]);
  } else if (room === "mina-besok") {
    await Promise.all([known(), VisitsPage.ahead()]);
  }
}

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
      <Route path="/losenord">
        <RequirePatient>
          <PasswordPage audience="patient" />
        </RequirePatient>
      </Route>
      <Route component={NotFound} />
    </Switch>
  );
}

export function PatientPages() {
  const session = useSession("patient");
  const somebody = !!session.data;
  useEffect(() => {
    if (!somebody) return undefined;
    // The whole way to the queue is fetched while there is a network: it may be gone on the next page.
    const timer = setTimeout(() => {
      void QueuePage.ahead().then(EquipmentTest.ahead);
    }, AHEAD_MS);
    return () => clearTimeout(timer);
  }, [somebody]);
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
