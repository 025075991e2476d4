import { useState } from "react";
import { useT } from "../../i18n";
import styles from "./Reason.module.css";

const LONG = 110;

/** The patient's own words: two lines, and the rest by a press where there is more. */
export function Reason({ text }: { text: string }) {
  const t = useT();
  const [whole, setWhole] = useState(false);
  const long = text.length > LONG;
  return (
    <>
      <span className={long && !whole ? styles.clamped : styles.reason}>{text}</span>
      {long && (
        <button
          type="button"
          className={styles.more}
          aria-expanded={whole}
          onClick={() => {
            setWhole(!whole);
          }}
        >
          {whole ? t("staff.reason.less") : t("staff.reason.more")}
        </button>
      )}
    </>
  );
}
