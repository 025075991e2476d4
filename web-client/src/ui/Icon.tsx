import { ICONS, type IconName } from "./icons";
import css from "./Icon.module.css";
import { cx } from "./cx";

interface Props {
  name: IconName;
  size?: number;
  className?: string | undefined;
}

/** Never alone: words stand beside it, or name the control that it sits in. */
export function Icon({ name, size = 24, className }: Props) {
  const directional = name === "forward" || name === "back" || name === "chevron";
  return (
    <svg
      className={cx(css.icon, directional && css.directional, className)}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
    >
      <path d={ICONS[name]} />
    </svg>
  );
}
