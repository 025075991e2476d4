import { type ReactNode, useEffect, useId, useRef } from "react";
import { useT } from "../i18n";
import { Button } from "./Button";
import { cx } from "./cx";
import css from "./Dialog.module.css";
import { Icon } from "./Icon";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** False: neither Escape nor a close button; only the actions lead out. */
  dismissable?: boolean;
  size?: "normal" | "wide";
}

/** The browser's own modal dialog: it keeps focus inside and gives it back when it closes. */
export function Dialog(props: Props) {
  const { open, onClose, title, children, actions, dismissable = true, size = "normal" } = props;
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  const t = useT();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog || !open) return undefined;
    const before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      ref={ref}
      className={cx(css.dialog, size === "wide" && css.wide)}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (dismissable) onClose();
      }}
      onClose={() => {
        // A browser asks once: a second Escape in a row closes it whatever one says.
        if (!dismissable && ref.current?.isConnected) ref.current.showModal();
      }}
    >
      <header className={css.head}>
        <h2 id={id} tabIndex={-1}>
          {title}
        </h2>
        {dismissable && (
          <button
            type="button"
            className={css.close}
            onClick={onClose}
            aria-label={t("common.close")}
          >
            <Icon name="cross" />
          </button>
        )}
      </header>
      <div className={css.body}>{children}</div>
      {actions && <footer className={css.actions}>{actions}</footer>}
    </dialog>
  );
}

interface ConfirmProps {
  open: boolean;
  title: string;
  text?: ReactNode;
  confirm: string;
  cancel: string;
  onConfirm: () => void;
  onCancel: () => void;
  danger?: boolean;
  busy?: boolean;
}

export function ConfirmDialog(props: ConfirmProps) {
  return (
    <Dialog
      open={props.open}
      onClose={props.onCancel}
      title={props.title}
      actions={
        <>
          <Button
            kind={props.danger ? "danger" : "primary"}
            busy={props.busy ?? false}
            onClick={props.onConfirm}
          >
            {props.confirm}
          </Button>
          <Button kind="quiet" onClick={props.onCancel}>
            {props.cancel}
          </Button>
        </>
      }
    >
      {props.text}
    </Dialog>
  );
}
