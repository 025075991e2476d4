import { type ReactNode, useState } from "react";
import { useT } from "../../../i18n";
import { Avatar, Button, ConfirmDialog } from "../../../ui";
import type { Seat } from "../../../wire/generated";
import type { GuestList } from "../../../wire/types";
import { LineWord } from "../LineWord";
import type { Word } from "../quality";
import { Admit } from "./Admit";
import { partOf } from "../viewer";
import { type ListedGuest, whereOf } from "./list";
import css from "./People.module.css";
import { Problem } from "./Problem";
import { useDoor } from "./useDoor";

interface LineProps {
  name: string;
  role: string;
  where: string;
  /** How the connection is, of who is in the call. */
  quality?: Word | null;
  children?: ReactNode;
}

export function Line({ name, role, where, quality = null, children }: LineProps) {
  const t = useT();
  return (
    <li className={css.line}>
      <Avatar name={name} size={44} />
      <div className={css.words}>
        <p className={css.name}>{name}</p>
        <p className={css.role}>{role}</p>
        <p className={css.where}>{where}</p>
        {quality !== null && (
          <LineWord word={quality}>{t(`visit.quality.line.${quality}`)}</LineWord>
        )}
      </div>
      {children}
    </li>
  );
}

interface GuestProps {
  visitId: string;
  guest: ListedGuest;
  /** Where the guest sits in the call, if so. */
  seat: Seat | null;
  /** Has closed the page. */
  away: boolean;
  /** Whether it is for this person to say who comes and goes. */
  doors: boolean;
  onMoved: (list: GuestList) => void;
}

export function GuestLine({ visitId, guest, seat, away, doors, onMoved }: GuestProps) {
  const t = useT();
  const { name, state, title } = guest;
  const door = useDoor(visitId, onMoved);
  const [asking, setAsking] = useState(false);
  const part = partOf(guest, t);
  return (
    <Line
      name={name}
      role={title === null ? part : `${part}, ${title}`}
      where={t(whereOf(guest, seat !== null, away))}
      quality={seat?.line.word ?? null}
    >
      {doors && (
        <div className={css.doors}>
          {state === "waiting" && (
            <>
              <Admit guest={guest} away={away} door={door} />
              <Button
                size="small"
                kind="secondary"
                aria-label={t("people.refuse.one", { name })}
                onClick={() => door.run({ guest: guest.id, move: "refuse" })}
              >
                {t("people.refuse")}
              </Button>
            </>
          )}
          {state === "invited" && (
            <Button
              size="small"
              kind="secondary"
              busy={door.busy}
              aria-label={t("people.withdraw.one", { name })}
              onClick={() => door.run({ guest: guest.id, move: "withdraw" })}
            >
              {t("people.withdraw")}
            </Button>
          )}
          {(state === "admitted" || state === "left") && (
            <Button
              size="small"
              kind="secondary"
              busy={door.busy}
              aria-label={t("people.remove.one", { name })}
              onClick={() => setAsking(true)}
            >
              {t("people.remove")}
            </Button>
          )}
          <Problem error={door.error} />
        </div>
      )}
      <ConfirmDialog
        open={asking}
        title={t("people.remove.title", { name })}
        text={<p>{t("people.remove.text", { name })}</p>}
        confirm={t("people.remove")}
        cancel={t("common.cancel")}
        danger
        onConfirm={() => {
          setAsking(false);
          door.run({ guest: guest.id, move: "remove" });
        }}
        onCancel={() => setAsking(false)}
      />
    </Line>
  );
}
