import { type ReactNode, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { ConfirmDialog, EmptyState, ErrorState, LinkButton, Loading } from "../../ui";
import { useLive } from "../../wire/hooks";
import { isCode, toApiError } from "../../wire/problem";
import type { Audience, Visit } from "../../wire/types";
import { usePost } from "../chat/usePost";
import { Outside } from "./Outside";
import { otherOf } from "./people";
import { Room } from "./Room";
import css from "./index.module.css";
import { Summary } from "./Summary";
import { isOpen, useCall } from "./useCall";
import { useLeaving } from "./useLeaving";
import { usePresence } from "./usePresence";
import { useVisit } from "./useVisit";

interface Props {
  audience: Audience;
  visitId: string;
  /** Staff's own panel, kept beside the stage. */
  aside?: ReactNode;
  /** Staff's own choice: what is heard is also seen. */
  flash?: boolean;
  /** After staff has left the room. */
  onLeft?: () => void;
  /** The visit has ended, by whomever. */
  onEnded?: () => void;
}

/** Where a patient and a clinician meet. Everything in it survives a reload at any step. */
export default function VisitRoom(props: Props) {
  const t = useT();
  const visit = useVisit(props.audience, props.visitId);
  useLive(props.audience);
  if (visit.data !== undefined) {
    return <Visiting key={props.visitId} {...props} visit={visit.data} />;
  }
  const staff = props.audience === "staff";
  const instead =
    visit.error === null ? (
      <Loading label={t("visit.loading")} />
    ) : isCode(visit.error, "not_found") ? (
      <Missing home={staff ? "/personal" : "/"} />
    ) : (
      <ErrorState
        heading="h1"
        error={toApiError(visit.error)}
        onRetry={() => void visit.refetch()}
      />
    );
  return staff ? <main className={css.around}>{instead}</main> : <Outside>{instead}</Outside>;
}

function Missing({ home }: { home: string }) {
  const t = useT();
  usePageTitle(t("visit.missing.title"));
  return (
    <EmptyState
      drawing="empty"
      heading="h1"
      title={t("visit.missing.title")}
      action={<LinkButton href={home}>{t("visit.missing.home")}</LinkButton>}
    >
      {t("visit.missing.text")}
    </EmptyState>
  );
}

function Visiting(props: Props & { visit: Visit }) {
  const { audience, visit, onLeft, onEnded } = props;
  const t = useT();
  const [, go] = useLocation();
  const [asking, setAsking] = useState(false);
  const staff = audience === "staff";
  const leaving = useLeaving(visit);
  const outside = !staff && (leaving.left || !isOpen(visit));
  const call = useCall(audience, visit, outside);
  const chat = usePost(audience, visit.id);
  const peerOnline = usePresence(audience, visit, chat, call);

  const ended = !isOpen(visit);
  const told = useRef(false);
  useEffect(() => {
    if (!ended || told.current) return;
    told.current = true;
    onEnded?.();
  }, [ended, onEnded]);

  if (outside) {
    return (
      <Summary
        visit={visit}
        untold={leaving.untold}
        returning={leaving.entering}
        onReturn={leaving.enter}
      />
    );
  }
  const { name } = otherOf(audience, visit, t);
  return (
    <>
      <Room
        audience={audience}
        visit={visit}
        call={call}
        chat={chat}
        peerOnline={peerOnline}
        aside={props.aside}
        flash={props.flash === true}
        entering={leaving.entering}
        onEnter={leaving.enter}
        onLeave={() => {
          // Not in yet: there is nothing to leave but the page, where the turn waits.
          if (!staff && visit.state === "called") go("/");
          else setAsking(true);
        }}
      />
      <ConfirmDialog
        open={asking}
        title={t(staff ? "visit.leave.staff.title" : "visit.leave.title")}
        text={<p>{t(staff ? "visit.leave.staff.text" : "visit.leave.text", { name })}</p>}
        confirm={t(staff ? "visit.leave.staff.yes" : "visit.leave.yes")}
        cancel={t("visit.leave.no")}
        danger={!staff}
        onConfirm={() => {
          setAsking(false);
          if (!staff) leaving.leave();
          else if (onLeft) onLeft();
          else go("/personal");
        }}
        onCancel={() => setAsking(false)}
      />
    </>
  );
}
