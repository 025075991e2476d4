import css from "./EveningHouse.module.css";
import house from "./house.svg";

/**
 * The picture of the start page: a house in the evening with one window lit, and somebody at the
 * screen in it. Ours, drawn by hand; the ground is the page's own, so it is drawn here.
 */
export function EveningHouse({ className }: { className?: string | undefined }) {
  return (
    <div className={`${css.house ?? ""} ${className ?? ""}`}>
      <img src={house} width={480} height={340} alt="" />
      <svg viewBox="0 0 480 340" aria-hidden="true">
        <path
          className={css.ground}
          d="M0 341c40-23 70-27 110-21 30-14 60-12 90-6 40-10 90-10 120 0 50-14 110-8 160 27z"
        />
        <path
          className={css.tree}
          d="M48 322v-52M48 274l-24 22h48zM48 248l-20 26h40zM48 224l-15 24h30zM430 326v-38M430 292l-20 18h40zM430 270l-16 22h32z"
        />
      </svg>
    </div>
  );
}
