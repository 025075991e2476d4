import type { ReactNode } from "react";
import css from "./Drawing.module.css";

/*
 * Our own line drawings. One pen (rounded, 3 units), one colour of light. Classes: `f` is lamp
 * light, `s` is a quiet surface; everything else is only a line.
 */
const SCENES = {
  /** A chair beside a lamp, a cup on the table: somewhere to wait. */
  waiting: (
    <>
      <path className={css.f} d="M150 40 134 74h44L162 40z" />
      <path d="M150 40 134 74h44L162 40zM156 74v70M138 146h36" />
      <path className={css.s} d="M52 92c0-14 8-24 24-24s24 10 24 24v22H52z" />
      <path d="M52 114V92c0-14 8-24 24-24s24 10 24 24v22M40 108a8 8 0 0 1 16 0v10h40v-10a8 8 0 0 1 16 0v24H40zM48 132v14M104 132v14" />
      <path d="M186 116h34M203 116v30M192 104h16v6a6 6 0 0 1-6 6h-4a6 6 0 0 1-6-6zM208 105c6 0 6 7 0 7M197 98c-2-3 2-4 0-8M204 98c-2-3 2-4 0-8" />
      <path d="M20 146h200" />
    </>
  ),
  /** A folder with pages and a cup: nothing in it yet. */
  empty: (
    <>
      <path className={css.s} d="M66 62h38l10 12h60v70H66z" />
      <path d="M66 144V62h38l10 12h60v70z" />
      <path className={css.f} d="M86 86h68v34H86z" />
      <path d="M86 120V86h68v34M98 98h44M98 108h28M56 144h128M56 108l10 36M184 108l-10 36" />
      <path d="M120 40v-12M94 44l-6-10M146 44l6-10" />
    </>
  ),
  offline: (
    <>
      <path className={css.s} d="M78 112a26 26 0 0 1 4-51 36 36 0 0 1 69 4 24 24 0 0 1 5 47z" />
      <path d="M78 112a26 26 0 0 1 4-51 36 36 0 0 1 69 4 24 24 0 0 1 5 47zM120 112v14M120 144v2" />
      <circle className={css.f} cx="120" cy="134" r="8" />
      <circle cx="120" cy="134" r="8" />
      <path d="M40 134h24M72 134h16M152 134h16M176 134h24" />
    </>
  ),
  /** A lamp whose plug is out. */
  trouble: (
    <>
      <path className={css.s} d="M102 36 82 78h56l-20-42z" />
      <path d="M102 36 82 78h56l-20-42zM110 78v58M88 140h44M132 140c22 0 18-22 36-22h8" />
      <path className={css.f} d="M176 108h16v20h-16z" />
      <path d="M176 108h16v20h-16zM192 113h10M192 123h10M40 140h160" />
    </>
  ),
  /** A window in the evening with the lamp out. */
  closed: (
    <>
      <path className={css.s} d="M76 40h88v92H76z" />
      <path d="M76 132V40h88v92zM120 40v92M76 84h88M64 140h112" />
      <path
        className={css.f}
        d="M152 50a16 16 0 1 0 8 26 14 14 0 0 1-8-26z"
        transform="translate(-8 -2)"
      />
      <path d="M152 50a16 16 0 1 0 8 26 14 14 0 0 1-8-26z" transform="translate(-8 -2)" />
      <path d="M92 56v.1M104 68v.1M94 74v.1" />
    </>
  ),
  /** An open door and the light from the room. */
  door: (
    <>
      <path className={css.f} d="M88 32h64v108H88z" />
      <path className={css.s} d="M88 32 60 44v108l28-12z" />
      <path d="M88 140V32h64v108M88 32 60 44v108l28-12zM68 98v6M40 140h20M88 140h112M116 140c0-18 6-26 12-26s12 8 12 26" />
      <circle cx="128" cy="98" r="11" />
      <path d="M168 52l12-6M170 74h14M168 96l12 6" />
    </>
  ),
  camera: (
    <>
      <path
        className={css.s}
        d="M56 58a10 10 0 0 1 10-10h74a10 10 0 0 1 10 10v64a10 10 0 0 1-10 10H66a10 10 0 0 1-10-10z"
      />
      <path d="M56 58a10 10 0 0 1 10-10h74a10 10 0 0 1 10 10v64a10 10 0 0 1-10 10H66a10 10 0 0 1-10-10zM150 82l34-20v56l-34-20" />
      <circle className={css.f} cx="103" cy="80" r="13" />
      <circle cx="103" cy="80" r="13" />
      <path d="M78 118c2-15 12-21 25-21s23 6 25 21" />
    </>
  ),
  done: (
    <>
      <circle className={css.s} cx="120" cy="90" r="50" />
      <circle cx="120" cy="90" r="50" />
      <path
        className={css.f}
        d="M120 74a12 12 0 0 1 20 8c0 12-20 26-20 26s-20-14-20-26a12 12 0 0 1 20-8z"
      />
      <path d="M120 74a12 12 0 0 1 20 8c0 12-20 26-20 26s-20-14-20-26a12 12 0 0 1 20-8zM52 60l-10-6M188 60l10-6M48 104l-12 4M192 104l12 4" />
    </>
  ),
} satisfies Record<string, ReactNode>;

export type DrawingName = keyof typeof SCENES;

export function Drawing({
  name,
  className,
}: {
  name: DrawingName;
  className?: string | undefined;
}) {
  return (
    <svg
      className={`${css.drawing ?? ""} ${className ?? ""}`}
      viewBox="20 20 200 140"
      aria-hidden="true"
    >
      {SCENES[name]}
    </svg>
  );
}
