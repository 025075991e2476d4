import type { ReactNode } from "react";
import { LanguageSwitch, Logo, PageHeading } from "../../../ui";
import styles from "./StaffLogin.module.css";

/** A page before the workplace: nothing of it but the name and the choice of language. */
export function StaffDoor(props: { title: string; lead: string; children: ReactNode }) {
  return (
    <div className={styles.page}>
      <header className={styles.top} data-theme="dark">
        <Logo />
        <LanguageSwitch />
      </header>
      <main id="content" className={styles.main}>
        <PageHeading lead={props.lead}>{props.title}</PageHeading>
        {props.children}
      </main>
    </div>
  );
}
