import type { Line } from "../../wire/generated";
import { cx } from "../../ui";
import css from "./LineWord.module.css";

interface Props {
  word: Line["word"] | "broken";
  className?: string | undefined;
  children: string;
}

/** A connection: bars for the eye, and the word for everybody. */
export function LineWord({ word, className, children }: Props) {
  return (
    <span className={cx(css.quality, css[word], className)}>
      <span className={css.bars} aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span>{children}</span>
    </span>
  );
}
