import type { ReactNode } from "react";
import css from "./Card.module.css";
import { cx } from "./cx";

interface Props {
  tone?: "plain" | "tint" | "lamp";
  padding?: "normal" | "tight";
  as?: "div" | "section" | "article" | "li" | "aside";
  className?: string | undefined;
  labelledBy?: string;
  children: ReactNode;
}

export function Card(props: Props) {
  const { tone = "plain", padding = "normal", as: Tag = "div", className, labelledBy } = props;
  return (
    <Tag
      className={cx(css.card, css[tone], padding === "tight" && css.tight, className)}
      aria-labelledby={labelledBy}
    >
      {props.children}
    </Tag>
  );
}
