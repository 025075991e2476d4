import { useEffect, useRef } from "react";
import { useAnnounce } from "../../app/announce";
import type { CallView } from "../../call/view";
import { useLanguage, useT } from "../../i18n";
import type { Role } from "../../wire/types";
import { LineWord } from "./LineWord";
import { turns, whose } from "./quality";
import { isCrowd, othersIn } from "./seated";

interface Props {
  view: CallView;
  /** The one whom the visit is with. */
  name: string;
  theOther: Role | null;
}

const ME = "me";

/** One's own connection, and between two the other's; of several each picture says it. */
export function Connections({ view, name, theOther }: Props) {
  const t = useT();
  const language = useLanguage();
  const announce = useAnnounce();
  const { seating, shown, state, advice } = view;
  const broken = state.phase === "reconnecting" && shown !== "nothing";
  const own = broken ? "broken" : advice.line.word;
  const others = othersIn(seating);
  const seat = isCrowd({ theOther }, seating) ? undefined : others[0]?.seat;
  const other = seat?.on_hold_since === null ? seat.line.word : null;

  const bad = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (broken) return;
    const here = othersIn(seating);
    const lines = new Map(here.map(({ id, seat: { line } }) => [id, line.word]));
    const next = turns(bad.current, lines.set(ME, advice.line.word));
    bad.current = next.bad;
    const words = next.turned.map(({ id, word }) => {
      if (id === ME) return t(`visit.quality.turned.own.${word}`);
      const found = here.find((each) => each.id === id)?.seat;
      const who = found?.role === theOther ? name : (found?.name ?? "");
      return t(`visit.quality.turned.other.${word}`, { whose: whose(who, language) });
    });
    if (words.length > 0) announce(words.join(" "));
  }, [advice.line.word, announce, broken, language, name, seating, t, theOther]);

  if (own === "good" && other === "good") {
    return <LineWord word="good">{t("visit.quality.both")}</LineWord>;
  }
  return (
    <>
      <LineWord word={own}>{t("visit.quality.own", { word: t(`visit.quality.${own}`) })}</LineWord>
      {other !== null && (
        <LineWord word={other}>
          {t("visit.quality.other", {
            whose: whose(name, language),
            word: t(`visit.quality.${other}`),
          })}
        </LineWord>
      )}
    </>
  );
}
