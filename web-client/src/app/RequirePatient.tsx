import { Fragment, type ReactNode } from "react";
import { Redirect, useLocation } from "wouter";
import { ErrorState, Loading } from "../ui";
import { toApiError } from "../wire/problem";
import { useSession } from "./current";
import { useLogoutElsewhere } from "./tabs";

/** Pages that need to know who it is; the login page leads back to this very address. */
export function RequirePatient({ children }: { children: ReactNode }) {
  const session = useSession("patient");
  useLogoutElsewhere();
  const [path] = useLocation();
  // Somebody else who logs in over this page meets a page of their own, empty.
  if (session.data) return <Fragment key={session.data.account.id}>{children}</Fragment>;
  if (session.data === null) {
    return <Redirect to={`/logga-in?till=${encodeURIComponent(path)}`} replace />;
  }
  if (session.error) {
    return <ErrorState error={toApiError(session.error)} onRetry={() => void session.refetch()} />;
  }
  return <Loading />;
}
