import { useEffect, useRef } from "react";
import { useAnnounce } from "../../app/announce";
import { useT } from "../../i18n";
import type { Chat } from "../chat/usePost";
import type { Reader } from "../chat/words";

const SPOKEN = 140;

export interface Unread {
  readonly count: number;
  /** How many the other has written so far; null until that is known. */
  readonly heard: number | null;
  /** What the newest says. */
  readonly text: string;
}

/** Messages of the other that have not been on the screen; a closed chat says that they came. */
export function useUnread(chat: Chat, reader: Reader, open: boolean): Unread {
  const t = useT();
  const announce = useAnnounce();
  const { thread, seen, loaded } = chat.view;
  const fresh = thread.messages.filter(
    ({ seq, sender }) => seq > seen && sender !== "system" && sender !== reader.role,
  );
  const latest = fresh.at(-1);
  const spoken = useRef<number | null>(null);
  const seq = latest?.seq ?? seen;
  useEffect(() => {
    if (!loaded) return;
    const before = spoken.current;
    spoken.current = seq;
    // An open list speaks for itself; what was there before the room opened is not news.
    if (open || before === null || seq <= before || latest === undefined) return;
    announce(
      t("visit.chat.announce", {
        name: latest.sender_name ?? reader.other,
        text: latest.body.slice(0, SPOKEN),
      }),
    );
  }, [announce, latest, loaded, open, reader.other, seq, t]);
  const heard = thread.messages.filter(
    ({ sender }) => sender !== "system" && sender !== reader.role,
  ).length;
  return { heard: loaded ? heard : null, count: open ? 0 : fresh.length, text: latest?.body ?? "" };
}
