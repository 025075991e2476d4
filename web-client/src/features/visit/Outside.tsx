import type { ReactNode } from "react";
import { LanguageSwitch, Logo, TextLink } from "../../ui";
import css from "./Outside.module.css";

/** The patient's page at the visit's address when it is not the room: the way home, and languages. */
export function Outside({ children }: { children: ReactNode }) {
  return (
    <div className={css.page}>
      <header className={css.head}>
        <TextLink href="/">
          <Logo />
        </TextLink>
        <LanguageSwitch />
      </header>
      <main className={css.main} id="main">
        {children}
      </main>
    </div>
  );
}
