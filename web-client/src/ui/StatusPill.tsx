import type { ReactNode } from "react";
import { cx } from "./cx";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import type { Tone } from "./Notice";
import css from "./StatusPill.module.css";

interface PillProps {
  tone: Tone | "neutral" | "lamp";
  icon?: IconName;
  children: ReactNode;
}

export function StatusPill({ tone, icon, children }: PillProps) {
  return (
    <span className={cx(css.pill, css[tone])}>
      {icon && <Icon name={icon} size={18} />}
      {children}
    </span>
  );
}
