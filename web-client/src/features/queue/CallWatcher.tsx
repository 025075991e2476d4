import { useEffect, useRef } from "react";
import { useAnnounce } from "../../app/announce";
import { VisitRoom } from "../../app/rooms";
import { useT } from "../../i18n";
import { chime } from "../../media/chime";
import { useLiveOverview } from "./useLiveOverview";
import { YourTurn } from "./YourTurn";

/** The page that is looked at comes first. */
const AFTER_THE_PAGE_MS = 1_500;

/**
 * On every page of the patient but the visit itself: while there is a place in a queue it listens,
 * and when the turn comes it takes over the page.
 */
export function CallWatcher() {
  const t = useT();
  const announce = useAnnounce();
  const { data, waiting } = useLiveOverview();
  useEffect(() => {
    if (!waiting) return undefined;
    // When the turn comes, the network may be the one of a lift.
    const timer = setTimeout(() => void VisitRoom.ahead(), AFTER_THE_PAGE_MS);
    return () => clearTimeout(timer);
  }, [waiting]);

  useEffect(() => {
    // Any press or key lets the browser play the signal later on.
    const unlock = () => void chime.unlock();
    window.addEventListener("pointerdown", unlock, { once: true });
    window.addEventListener("keydown", unlock, { once: true });
    return () => {
      window.removeEventListener("pointerdown", unlock);
      window.removeEventListener("keydown", unlock);
    };
  }, []);

  const known = data?.visits;
  const called = known?.find(({ state }) => state === "called");
  const before = useRef<string | null>(null);
  useEffect(() => {
    const last = before.current;
    before.current = called?.id ?? null;
    const taken = known?.some(({ id }) => id === last);
    if (last !== null && !called && !taken) announce(t("patient.turn.gone"), "assertive");
  }, [announce, called, known, t]);

  const ticket = data?.tickets.find(({ id }) => id === called?.ticket_id);
  return called ? (
    <YourTurn
      key={called.id}
      visit={called}
      silent={ticket !== undefined && ticket.communication !== "speech"}
    />
  ) : null;
}
