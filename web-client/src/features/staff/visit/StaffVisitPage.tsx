import { useLocation } from "wouter";
import { useT } from "../../../i18n";
import { ErrorState, Loading } from "../../../ui";
import { useLive } from "../../../wire/hooks";
import { isCode, toApiError } from "../../../wire/problem";
import type { Account, Visit } from "../../../wire/types";
import VisitRoom from "../../visit";
import { useVisit } from "../../visit/useVisit";
import { useNote } from "../note/useNote";
import { usePrefs } from "../prefs";
import { DeadEnd } from "../shell/DeadEnd";
import { StaffShell } from "../shell/StaffShell";
import { stageOf } from "./stage";
import { Unmet } from "./Unmet";
import { useKeepVisit } from "./useStaffVisit";
import { VisitPanel } from "./VisitPanel";
import { WrapUp } from "./WrapUp";

interface StaffVisitPageProps {
  visitId: string;
  account: Account;
}

/** `/personal/besok/:id`: the meeting with its side panel, and the wrap-up once it has ended. */
export default function StaffVisitPage({ visitId, account }: StaffVisitPageProps) {
  const t = useT();
  const visit = useVisit("staff", visitId);
  // A note may be signed in another window: this one then shows it, and offers no second signing.
  useLive("staff", visit.data !== undefined && stageOf(visit.data) === "writing");
  if (visit.data !== undefined) return <Stages visit={visit.data} account={account} />;
  return (
    <StaffShell account={account}>
      {visit.error === null ? (
        <Loading />
      ) : isCode(visit.error, "not_found") ? (
        <DeadEnd title={t("staff.visit.missing")} text={t("staff.visit.missing_what")} />
      ) : (
        <ErrorState
          heading="h1"
          error={toApiError(visit.error)}
          onRetry={() => void visit.refetch()}
        />
      )}
    </StaffShell>
  );
}

function Stages({ visit, account }: { visit: Visit; account: Account }) {
  const [, go] = useLocation();
  const keep = useKeepVisit();
  const note = useNote(visit, account.id, keep);
  const { flash } = usePrefs();
  switch (stageOf(visit)) {
    case "calling":
    case "meeting":
      return (
        <StaffShell account={account} fill>
          <VisitRoom
            audience="staff"
            visitId={visit.id}
            aside={<VisitPanel visit={visit} note={note} />}
            flash={flash}
            onLeft={() => {
              go("/personal");
            }}
          />
        </StaffShell>
      );
    case "writing":
    case "signed":
      return (
        <StaffShell account={account}>
          <WrapUp visit={visit} note={note} />
        </StaffShell>
      );
    case "unmet":
      return (
        <StaffShell account={account}>
          <Unmet visit={visit} />
        </StaffShell>
      );
  }
}
