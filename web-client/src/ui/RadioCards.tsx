import type { ReactNode } from "react";
import { cx } from "./cx";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import css from "./RadioCards.module.css";

interface RadioOption<V extends string> {
  value: V;
  label: string;
  about?: ReactNode;
  icon?: IconName;
  disabled?: boolean;
}

interface Props<V extends string> {
  legend: string;
  legendHidden?: boolean;
  name: string;
  value: V | null;
  onChange: (value: V) => void;
  options: readonly RadioOption<V>[];
}

/** A choice among few, each big enough for a thumb: real radio buttons under the paint. */
export function RadioCards<V extends string>(props: Props<V>) {
  const { legend, legendHidden, name, value, onChange, options } = props;
  return (
    <fieldset className={css.cards}>
      <legend className={legendHidden ? "visually-hidden" : css.legend}>{legend}</legend>
      {options.map((option) => (
        <label key={option.value} className={cx(css.card, option.disabled && css.disabled)}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={value === option.value}
            disabled={option.disabled}
            onChange={() => onChange(option.value)}
          />
          {option.icon && (
            <span className={css.icon}>
              <Icon name={option.icon} size={28} />
            </span>
          )}
          <span className={css.words}>
            <span className={css.label}>{option.label}</span>
            {option.about && <span className={css.about}>{option.about}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
