import { useEffect, useMemo } from "react";
import { useT } from "../../../i18n";
import { Dialog } from "../../../ui";
import type { Seating } from "../../../wire/generated";
import type { Audience, Visit } from "../../../wire/types";
import { otherOf } from "../people";
import type { Word } from "../quality";
import { Invite } from "./Invite";
import { GuestLine, Line } from "./Line";
import css from "./People.module.css";
import { useGone } from "./useGone";
import { useGuests } from "./useGuests";
import { Waiting } from "./Waiting";
import { isListed, seatOf } from "./list";

interface Props {
  audience: Audience;
  visit: Visit;
  seating: Seating | null;
  /** Oneself is in the call. */
  live: boolean;
  /** One's own connection. */
  own: Word;
  /** The newest version of the list that the server has told of. */
  told: number;
  /** Those in the lobby who have closed the page. */
  away: readonly string[];
  open: boolean;
  onOpen: () => void;
  onClose: () => void;
  onWaiting: (count: number) => void;
}

/** Who is in the visit; for the clinician also the door to it. */
export function People(props: Props) {
  const { audience, visit, seating, live, own, told, away, open } = props;
  const { onOpen, onClose, onWaiting } = props;
  const t = useT();
  const { guests, keep, refetch } = useGuests(audience, visit.id, told);
  const staff = audience === "staff";
  const waiting = useMemo(
    () => guests.filter(({ id, state }) => state === "waiting" && !away.includes(id)),
    [away, guests],
  );
  useGone(guests);
  useEffect(() => onWaiting(staff ? waiting.length : 0), [onWaiting, staff, waiting.length]);
  const other = otherOf(audience, visit, t);
  const otherRole = staff ? "patient" : "clinician";
  const otherSeat = seating?.slots.find((seat) => seat?.role === otherRole) ?? null;
  return (
    <>
      {staff && <Waiting visitId={visit.id} waiting={waiting} onOpen={onOpen} onMoved={keep} />}
      <Dialog open={open} onClose={onClose} title={t("people.title")} size="wide">
        <ul className={css.list}>
          <Line
            name={t("people.you")}
            role={staff ? t(`common.profession.${visit.profession}`) : t("people.role.patient")}
            where={t(live ? "people.where.here" : "people.where.away")}
            quality={live ? own : null}
          />
          <Line
            name={other.name}
            role={staff ? t("people.role.patient") : other.about}
            where={t(otherSeat ? "people.where.here" : "people.where.away")}
            quality={otherSeat?.line.word ?? null}
          />
          {guests.filter(isListed).map((guest) => (
            <GuestLine
              key={guest.id}
              visitId={visit.id}
              guest={guest}
              seat={seatOf(guest, seating)}
              away={away.includes(guest.id)}
              doors={staff}
              onMoved={keep}
            />
          ))}
        </ul>
        {staff && visit.state === "in_progress" && (
          <Invite visitId={visit.id} onInvited={() => void refetch()} />
        )}
      </Dialog>
    </>
  );
}
