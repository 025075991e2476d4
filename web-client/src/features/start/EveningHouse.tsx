import css from "./EveningHouse.module.css";

/**
 * The picture of the start page: a house in the evening with one window lit, and somebody at the
 * screen in it. Ours, drawn by hand in the same pen as the other drawings.
 */
export function EveningHouse({ className }: { className?: string | undefined }) {
  return (
    <svg
      className={`${css.house ?? ""} ${className ?? ""}`}
      viewBox="0 0 480 340"
      aria-hidden="true"
    >
      <g className={css.sky}>
        <path d="M58 74v.1M118 34v.1M430 58v.1M396 118v.1M36 150v.1M84 196v.1" />
        <path d="M412 30a26 26 0 1 0 14 44 22 22 0 0 1-14-44z" className={css.moon} />
      </g>
      <path className={css.wall} d="M96 340V132L238 46l142 86v208z" />
      <path className={css.line} d="M74 146 238 46l164 100M318 94V62h26v48" />
      <path className={css.glow} d="M150 160h176v126H150z" />
      <g className={css.window}>
        <path className={css.light} d="M162 158a8 8 0 0 1 8-8h136a8 8 0 0 1 8 8v128H162z" />
        <path className={css.shade} d="M240 150v22M218 192l8-20h28l8 20z" />
        <path
          className={css.plant}
          d="M186 286v-24M186 268c-12 0-16-8-16-16 10 0 16 6 16 16zM186 262c0-12 6-18 16-18 0 10-4 18-16 18zM176 286h20"
        />
        <circle className={css.skin} cx="246" cy="222" r="15" />
        <path
          className={css.hair}
          d="M230 222c-2-14 6-21 16-21s17 7 16 17c-10 0-16-3-20-7-3 6-7 9-12 11z"
        />
        <path className={css.jumper} d="M214 286c0-26 12-42 32-42s32 16 32 42z" />
        <path className={css.screen} d="M262 256h38a4 4 0 0 1 4 4v26h-46v-26a4 4 0 0 1 4-4z" />
        <path
          className={css.heart}
          d="M281 267a5 5 0 0 1 8 3c0 5-8 10-8 10s-8-5-8-10a5 5 0 0 1 8-3z"
        />
        <path
          className={css.frame}
          d="M162 158a8 8 0 0 1 8-8h136a8 8 0 0 1 8 8v128H162zM152 288h172"
        />
      </g>
      <path className={css.dim} d="M118 172h22v44h-22zM336 172h22v44h-22zM222 96h32v30h-32z" />
      <path
        className={css.line}
        d="M118 172h22v44h-22zM336 172h22v44h-22zM222 96h32v30h-32zM238 96v30M96 132v208M380 132v208"
      />
      <path
        className={css.ground}
        d="M0 340c40-22 70-26 110-20 30-14 60-12 90-6 40-10 90-10 120 0 50-14 110-8 160 26z"
      />
      <path
        className={css.tree}
        d="M48 322v-52M48 274l-24 22h48zM48 248l-20 26h40zM48 224l-15 24h30zM430 326v-38M430 292l-20 18h40zM430 270l-16 22h32z"
      />
    </svg>
  );
}
