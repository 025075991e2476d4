import { Component, type ReactNode } from "react";
import { useT } from "../i18n";
import { Button, EmptyState } from "../ui";
import css from "./Shell.module.css";

function CrashPage() {
  const t = useT();
  return (
    <main className={css.crash}>
      <EmptyState
        drawing="trouble"
        title={t("common.crash.title")}
        action={<Button onClick={() => location.reload()}>{t("common.crash.reload")}</Button>}
      >
        {t("common.crash.text")}
      </EmptyState>
    </main>
  );
}

/** A fault in a page, or a chunk that a new release took away, ends in words and a way on. */
export class Crash extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <CrashPage /> : this.props.children;
  }
}
