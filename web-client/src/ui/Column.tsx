import type { ReactNode } from "react";
import { Link } from "wouter";
import css from "./Column.module.css";
import { cx } from "./cx";
import { Icon } from "./Icon";

interface Props {
  back?: { href: string; label: string } | undefined;
  /** A quiet line above the heading: where in a row of questions this is. */
  above?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** One column of reading width with room around it: the page of one question. */
export function Column({ back, above, wide, children }: Props) {
  return (
    <div className={cx(css.column, wide && css.wide)}>
      {(back || above) && (
        <div className={css.top}>
          {back && (
            <Link href={back.href} className={css.back}>
              <Icon name="back" size={22} />
              {back.label}
            </Link>
          )}
          {above && <p className={css.above}>{above}</p>}
        </div>
      )}
      {children}
    </div>
  );
}
