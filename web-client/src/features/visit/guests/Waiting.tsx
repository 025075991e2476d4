import { useEffect, useRef } from "react";
import { useAnnounce } from "../../../app/announce";
import { useT } from "../../../i18n";
import { Button, Icon } from "../../../ui";
import type { Guest, GuestList } from "../../../wire/types";
import { chime } from "../../staff/queue/chime";
import { usePrefs } from "../../staff/prefs";
import { partOf } from "../viewer";
import { Admit } from "./Admit";
import css from "./People.module.css";
import { Problem } from "./Problem";
import { useDoor } from "./useDoor";

interface Props {
  visitId: string;
  waiting: readonly Guest[];
  onOpen: () => void;
  onMoved: (list: GuestList) => void;
}

/** Somebody knocks: said politely and with the queue's own sound, and there until it is answered. */
export function Waiting({ visitId, waiting, onOpen, onMoved }: Props) {
  const t = useT();
  const announce = useAnnounce();
  const { chime: chimes } = usePrefs();
  const door = useDoor(visitId, onMoved);
  const known = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const fresh = waiting.filter(({ id }) => !known.current.has(id));
    known.current = new Set(waiting.map(({ id }) => id));
    if (fresh.length === 0) return;
    if (chimes) chime();
    announce(
      fresh
        .map((guest) => t("people.knock", { name: guest.name, role: partOf(guest, t) }))
        .join(" "),
    );
  }, [announce, chimes, t, waiting]);
  const [first] = waiting;
  if (first === undefined) return null;
  return (
    <section className={css.knock} aria-label={t("people.lobby")}>
      <Icon name="bell" size={26} />
      <p>
        {waiting.length === 1
          ? t("people.knock", { name: first.name, role: partOf(first, t) })
          : t("people.knock.many", { count: waiting.length })}
      </p>
      <div className={css.doors}>
        {waiting.length === 1 && <Admit key={first.id} guest={first} away={false} door={door} />}
        <Button size="small" kind="secondary" onClick={onOpen}>
          {t("people.show")}
        </Button>
      </div>
      <Problem error={door.error} />
    </section>
  );
}
