import type { ReactNode } from "react";
import { cx } from "./cx";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import css from "./Notice.module.css";

export type Tone = "info" | "ok" | "warn" | "danger";

const MARK: Record<Tone, IconName> = {
  info: "info",
  ok: "check",
  warn: "warning",
  danger: "warning",
};

interface Props {
  tone: Tone;
  title?: string;
  children?: ReactNode;
  actions?: ReactNode;
  icon?: IconName;
  /** Read aloud when it appears: politely, or at once. */
  live?: "polite" | "assertive";
  className?: string;
}

export function Notice({ tone, title, children, actions, icon, live, className }: Props) {
  const role = live === "assertive" ? "alert" : live === "polite" ? "status" : undefined;
  return (
    <div className={cx(css.notice, css[tone], className)} role={role}>
      <Icon name={icon ?? MARK[tone]} size={28} className={css.icon} />
      <div className={css.words}>
        {title && <p className={css.title}>{title}</p>}
        {children && <div className={css.text}>{children}</div>}
        {actions && <div className={css.actions}>{actions}</div>}
      </div>
    </div>
  );
}
