import { useEffect, useState } from "react";
import { useAnnounce } from "../../app/announce";
import { NOTHING_SPARED } from "../../call/ladder";
import { useT } from "../../i18n";
import { Button, Icon } from "../../ui";
import css from "./Stage.module.css";
import type { Call } from "./useCall";

/** What is left out for the sound's sake, and the way back: now, or by itself when the line is good. */
export function Spared({ call: { engine, view } }: { call: Call }) {
  const { state, advice } = view;
  const camera = state.spared.camera && state.wanted.camera;
  const { pictures } = state.spared;
  const t = useT();
  const announce = useAnnounce();
  const spares = camera || pictures;
  const [byItself, setByItself] = useState(false);
  // It was asked of this time alone.
  if (byItself && !spares) setByItself(false);
  const { proposal } = advice;
  useEffect(() => {
    if (!byItself || proposal?.rung !== "video") return;
    engine.accept(proposal);
    announce(`${t("visit.ladder.climbed")} ${t("visit.ladder.video.why")}`);
  }, [announce, byItself, engine, proposal, t]);
  if (!spares) return null;
  const what = camera && pictures ? "all" : camera ? "camera" : "pictures";
  return (
    <div className={css.sharing}>
      <Icon name="videoOff" size={22} />
      <span>{t(`visit.ladder.spared.${what}`)}</span>
      <div className={css.acts}>
        <Button
          kind="secondary"
          size="small"
          aria-pressed={byItself}
          icon={byItself ? "check" : "refresh"}
          onClick={() => setByItself(!byItself)}
        >
          {t("visit.ladder.spared.later")}
        </Button>
        <Button
          kind="secondary"
          size="small"
          onClick={() => engine.tell({ type: "spare", spared: NOTHING_SPARED })}
        >
          {t("visit.ladder.spared.back")}
        </Button>
      </div>
    </div>
  );
}
