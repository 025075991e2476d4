import { useEffect, useState } from "react";
import { useT } from "../i18n";
import css from "./Loading.module.css";

export function Spinner({ label }: { label: string }) {
  return (
    <span className={css.spinner} role="status">
      <span className={css.ring} aria-hidden="true" />
      {label}
    </span>
  );
}

/** A part of the page that is on its way; says so only when it takes long enough to notice. */
export function Loading({ label }: { label?: string }) {
  const t = useT();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 400);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={css.loading}>{late && <Spinner label={label ?? t("common.loading")} />}</div>
  );
}
