import css from "./Logo.module.css";

/** A room, its door ajar, and the light that says somebody is there. */
export function Logo({ mark = false }: { mark?: boolean }) {
  return (
    <span className={css.logo}>
      <svg className={css.mark} viewBox="0 0 40 40" aria-hidden="true">
        <rect className={css.room} x="2" y="2" width="36" height="36" rx="11" />
        <path className={css.light} d="M13 32V17a7 7 0 0 1 14 0v15z" />
        <path className={css.door} d="M13 32V17a7 7 0 0 1 4.5-6.5L20 15v17z" />
        <circle className={css.knob} cx="17.6" cy="23.5" r="1.2" />
      </svg>
      {!mark && (
        <span className={css.word} translate="no">
          {"Vårdrum"}
        </span>
      )}
    </span>
  );
}
