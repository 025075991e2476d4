/** The client's own hooks, mounted as its pages mount them, and what they show. */
import { useEffect } from "react";
import { usePost } from "../../features/chat/usePost";
import { useLiveOverview } from "../../features/queue/useLiveOverview";
import { useTicket } from "../../features/queue/useTicket";
import { useBoard } from "../../features/staff/queue/useBoard";
import { useGuests } from "../../features/visit/guests/useGuests";
import type { Call } from "../../features/visit/useCall";
import { useGuestsNews } from "../../features/visit/useGuestsNews";
import { usePresence } from "../../features/visit/usePresence";
import { useVisit } from "../../features/visit/useVisit";
import { useLive } from "../../wire/hooks";
import type { Audience, Duty, Visit } from "../../wire/types";
import type { Moment } from "./standIns";

/** What is shown, by the path where the truth of it is fetched. */
export type Shown = Map<string, unknown>;

export const ONLINE = "#online";

interface Props {
  path: string;
  shown: Shown;
}

function useShown(path: string, shown: Shown, value: unknown): void {
  useEffect(() => {
    shown.set(path, value);
  });
}

const idOf = (path: string): string => path.split("/")[5] ?? "";

function TicketScreen({ path, shown }: Props) {
  useShown(path, shown, useTicket(idOf(path)).data);
  return null;
}

function OverviewScreen({ path, shown }: Props) {
  useShown(path, shown, useLiveOverview().data);
  return null;
}

function BoardScreen({ path, shown, duty }: Props & { duty: Duty }) {
  useShown(path, shown, useBoard(duty).data);
  return null;
}

function VisitScreen({ path, shown, audience }: Props & { audience: Audience }) {
  const { data } = useVisit(audience, idOf(path));
  useShown(path, shown, data);
  return data ? <Inside path={path} shown={shown} audience={audience} visit={data} /> : null;
}

// There is no media in a trace: a call that is never joined.
const NO_CALL = { engine: { tell: () => undefined }, view: { state: { peer: null } } };

function Inside({ path, shown, audience, visit }: Props & { audience: Audience; visit: Visit }) {
  const chat = usePost(audience, visit.id);
  const online = usePresence(audience, visit, chat, NO_CALL as unknown as Call);
  const told = useGuestsNews(audience, visit.id);
  const { guests } = useGuests(audience, visit.id, told.version);
  useShown(`${path}/messages`, shown, chat.view.thread.messages);
  useShown(`${path}/guests`, shown, guests);
  useShown(path + ONLINE, shown, online);
  return null;
}

/** Every screen for which there is something at the moment. */
export function Screens(props: { audience: Audience; moment: Moment; shown: Shown }) {
  const { audience, moment, shown } = props;
  useLive(audience);
  const { answers } = moment;
  const duty = answers["/api/v1/staff/duty"] as Duty | undefined;
  return Object.keys(answers).map((path) => {
    const screen = { key: path, path, shown };
    const { key, ...rest } = screen;
    if (path.endsWith("/overview")) return <OverviewScreen key={key} {...rest} />;
    if (path.includes("/queue-tickets/")) return <TicketScreen key={key} {...rest} />;
    if (path.endsWith("/staff/queue") && duty) {
      return <BoardScreen key={key} {...rest} duty={duty} />;
    }
    // Its messages and its guests are shown inside.
    if (path.includes("/visits/") && !/\/(messages|guests)$/.test(path)) {
      return <VisitScreen key={key} {...rest} audience={audience} />;
    }
    return null;
  });
}
