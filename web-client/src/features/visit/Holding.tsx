import { useT } from "../../i18n";
import { Button, Icon } from "../../ui";
import css from "./Stage.module.css";
import { RESUME } from "./useHold";

/** One's own hold: what it means, and the way on. */
export function Holding({ onResume }: { onResume: () => void }) {
  const t = useT();
  return (
    <div className={css.words}>
      <span className={css.pair} aria-hidden="true">
        <Icon name="pause" size={44} />
      </span>
      <h2>{t("visit.holding.title")}</h2>
      <p>{t("visit.holding.text")}</p>
      <Button size="large" icon="play" onClick={onResume} {...{ [RESUME]: "" }}>
        {t("visit.holding.resume")}
      </Button>
    </div>
  );
}
