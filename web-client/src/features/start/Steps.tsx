import { useT } from "../../i18n";
import { Drawing, type DrawingName } from "../../ui";
import css from "./Steps.module.css";

const SCENES: readonly DrawingName[] = ["empty", "waiting", "camera"];

export function Steps() {
  const t = useT();
  return (
    <section aria-labelledby="how" className={css.section}>
      <h2 id="how">{t("start.how")}</h2>
      <ol className={css.steps}>
        {([1, 2, 3] as const).map((step) => (
          <li key={step} className={css.step}>
            <Drawing name={SCENES[step - 1] ?? "done"} className={css.drawing} />
            <h3>
              <span className={css.number}>{step}</span>
              {t(`start.how.${step}`)}
            </h3>
            <p>{t(`start.how.${step}_text`)}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
