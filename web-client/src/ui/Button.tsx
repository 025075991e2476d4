import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Link } from "wouter";
import css from "./Button.module.css";
import { cx } from "./cx";
import { Icon } from "./Icon";
import type { IconName } from "./icons";

interface Look {
  kind?: "primary" | "secondary" | "quiet" | "danger";
  size?: "small" | "normal" | "large";
  icon?: IconName | undefined;
  /** An icon after the words, for what leads on. */
  iconAfter?: IconName | undefined;
  wide?: boolean;
}

function look({ kind = "primary", size = "normal", wide }: Look, className?: string): string {
  return cx(css.button, css[kind], css[size], wide && css.wide, className);
}

interface ButtonProps extends Look, ButtonHTMLAttributes<HTMLButtonElement> {
  /** Shows that it works, and takes no second press; focus stays. */
  busy?: boolean;
}

export function Button(props: ButtonProps) {
  const { kind, size, icon, iconAfter, wide, busy, className, children, onClick, ...rest } = props;
  const given: Look = { kind: kind ?? "primary", size: size ?? "normal", wide: wide ?? false };
  return (
    <button
      type="button"
      {...rest}
      className={look(given, className)}
      aria-disabled={busy || rest["aria-disabled"] || undefined}
      data-busy={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <span className={css.dots} aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
      {iconAfter && !busy && <Icon name={iconAfter} />}
    </button>
  );
}

interface LinkButtonProps extends Look {
  href: string;
  className?: string;
  children: ReactNode;
  onClick?: () => void;
}

export function LinkButton({
  href,
  icon,
  iconAfter,
  className,
  children,
  onClick,
  ...rest
}: LinkButtonProps) {
  const inside = (
    <>
      {icon && <Icon name={icon} />}
      {children}
      {iconAfter && <Icon name={iconAfter} />}
    </>
  );
  if (/^[a-z]+:/.test(href)) {
    return (
      <a href={href} className={look(rest, className)}>
        {inside}
      </a>
    );
  }
  return (
    <Link href={href} className={look(rest, className)} {...(onClick ? { onClick } : {})}>
      {inside}
    </Link>
  );
}
