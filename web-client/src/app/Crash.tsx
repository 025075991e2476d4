import { Component, type ReactNode } from "react";
import { useT } from "../i18n";
import { Button, LanguageSwitch } from "../ui";
import css from "./Shell.module.css";

function CrashPage() {
  const t = useT();
  return (
    <main className={css.crash}>
      <div role="alert" className={css.crashWords}>
        <h1>{t("common.crash.title")}</h1>
        <p>{t("common.crash.text")}</p>
        <Button onClick={() => location.reload()}>{t("common.crash.reload")}</Button>
      </div>
      <LanguageSwitch />
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
