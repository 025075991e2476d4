import { useLayoutEffect, useRef, useState } from "react";
import { useT } from "../../i18n";
import styles from "./Reason.module.css";

/** The patient's own words: two lines, and the rest by a press where there is more. */
export function Reason({ text }: { text: string }) {
  const t = useT();
  const words = useRef<HTMLSpanElement>(null);
  const [whole, setWhole] = useState(false);
  const [cut, setCut] = useState(false);
  // How much two lines hold is known only where they stand.
  useLayoutEffect(() => {
    const element = words.current;
    if (element === null || whole) return undefined;
    const measure = () => {
      setCut(element.scrollHeight > element.clientHeight + 1);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [text, whole]);
  return (
    <>
      <span ref={words} className={whole ? styles.reason : styles.clamped}>
        {text}
      </span>
      {(cut || whole) && (
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
