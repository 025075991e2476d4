import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";
import { useT } from "../i18n";
import { cx } from "./cx";
import css from "./Field.module.css";
import { Icon } from "./Icon";

interface Around {
  label: string;
  /** The label is read but not shown: only where the page's heading says the same. */
  labelHidden?: boolean;
  hint?: string | undefined;
  error?: string | null | undefined;
}

interface FrameProps extends Around {
  id: string;
  after?: ReactNode;
  children: ReactNode;
}

function Frame({ id, label, labelHidden, hint, error, after, children }: FrameProps) {
  return (
    <div className={css.field}>
      <label htmlFor={id} className={labelHidden ? "visually-hidden" : css.label}>
        {label}
      </label>
      {hint && (
        <p id={`${id}-hint`} className={css.hint}>
          {hint}
        </p>
      )}
      {children}
      <div className={css.below}>
        <p id={`${id}-error`} className={css.error} role="alert">
          {error && (
            <>
              <Icon name="warning" size={20} />
              {error}
            </>
          )}
        </p>
        {after}
      </div>
    </div>
  );
}

function described(id: string, { hint, error }: Around) {
  return {
    id,
    "aria-describedby": cx(hint && `${id}-hint`, error && `${id}-error`) || undefined,
    "aria-invalid": error ? (true as const) : undefined,
  };
}

export function Field(
  props: Around & InputHTMLAttributes<HTMLInputElement> & { after?: ReactNode },
) {
  const { label, labelHidden, hint, error, after, className, ...rest } = props;
  const made = useId();
  const id = rest.id ?? made;
  const around: Around = { label, labelHidden: labelHidden ?? false, hint, error };
  return (
    <Frame {...around} id={id} after={after}>
      <input {...rest} {...described(id, around)} className={cx(css.control, className)} />
    </Frame>
  );
}

interface TextAreaProps extends Around, TextareaHTMLAttributes<HTMLTextAreaElement> {
  /** Shows what is left of so many characters, once it matters. */
  counter?: number;
}

export function TextArea(props: TextAreaProps) {
  const { label, labelHidden, hint, error, counter, className, ...rest } = props;
  const made = useId();
  const id = rest.id ?? made;
  const t = useT();
  const around: Around = { label, labelHidden: labelHidden ?? false, hint, error };
  const length = typeof rest.value === "string" ? rest.value.trim().length : 0;
  const left = counter === undefined ? Number.POSITIVE_INFINITY : counter - length;
  const words =
    left < 0
      ? t("common.characters_over", { count: -left })
      : t("common.characters_left", { count: left });
  return (
    <Frame
      {...around}
      id={id}
      after={left <= 200 && <p className={cx(css.counter, left < 0 && css.over)}>{words}</p>}
    >
      <textarea
        rows={5}
        {...rest}
        {...described(id, around)}
        className={cx(css.control, css.area, className)}
      />
    </Frame>
  );
}

interface SelectProps extends Around, SelectHTMLAttributes<HTMLSelectElement> {
  options: readonly { value: string; label: string }[];
}

export function Select(props: SelectProps) {
  const { label, labelHidden, hint, error, options, className, ...rest } = props;
  const made = useId();
  const id = rest.id ?? made;
  const around: Around = { label, labelHidden: labelHidden ?? false, hint, error };
  return (
    <Frame {...around} id={id}>
      <span className={css.selectBox}>
        <select
          {...rest}
          {...described(id, around)}
          className={cx(css.control, css.select, className)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="down" size={20} className={css.selectMark} />
      </span>
    </Frame>
  );
}

interface CheckboxProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
}

export function Checkbox({ label, className, ...rest }: CheckboxProps) {
  return (
    <label className={cx(css.checkbox, className)}>
      <input type="checkbox" {...rest} />
      <span>{label}</span>
    </label>
  );
}
