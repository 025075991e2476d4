import type { ReactNode } from "react";
import { LanguageSwitch, Logo } from "../../ui";
import css from "../visit/Outside.module.css";

/** A guest's page: no way into the rest of the product, and languages. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <div className={css.page}>
      <header className={css.head}>
        <Logo />
        <LanguageSwitch />
      </header>
      <main className={css.main} id="main">
        {children}
      </main>
    </div>
  );
}
