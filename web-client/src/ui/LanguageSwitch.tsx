import { setLanguage, useLanguage, useT } from "../i18n";
import css from "./LanguageSwitch.module.css";
import { Icon } from "./Icon";

/** Two languages, so one press: the button says the other one, in that one. */
export function LanguageSwitch() {
  const t = useT();
  const other = useLanguage() === "sv" ? "en" : "sv";
  return (
    <button
      type="button"
      className={css.switch}
      lang={other}
      onClick={() => void setLanguage(other)}
    >
      <Icon name="globe" size={22} />
      {t("common.language.other")}
    </button>
  );
}
