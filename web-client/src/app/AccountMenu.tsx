import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { useT } from "../i18n";
import { Avatar, Icon, VisuallyHidden } from "../ui";
import css from "./AccountMenu.module.css";
import { useLogout } from "./login";
import { useLogoutElsewhere } from "./tabs";

/** A disclosure, not an ARIA menu: a few links that the Tab key walks through. */
export function AccountMenu({ name }: { name: string }) {
  const t = useT();
  useLogoutElsewhere();
  const [path, go] = useLocation();
  // Open on one page: going to another closes it.
  const [openAt, setOpenAt] = useState<string | null>(null);
  const open = openAt === path;
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const { logout, busy } = useLogout("patient", () => go("/"));
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: Event) => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpenAt(null);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);
  return (
    <div
      ref={box}
      className={css.box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        setOpenAt(null);
        opener.current?.focus();
      }}
    >
      <button
        ref={opener}
        type="button"
        className={css.opener}
        aria-expanded={open}
        onClick={() => setOpenAt(open ? null : path)}
      >
        <VisuallyHidden>{t("common.nav.account", { name })}</VisuallyHidden>
        <Avatar name={name} size={40} />
        <Icon name="down" size={16} />
      </button>
      {open && (
        <div className={css.panel}>
          <p className={css.name}>{name}</p>
          <Link href="/mina-besok" className={css.item}>
            <Icon name="document" />
            {t("common.nav.visits")}
          </Link>
          <Link href="/losenord" className={css.item}>
            <Icon name="lock" />
            {t("common.nav.password")}
          </Link>
          <button type="button" className={css.item} disabled={busy} onClick={logout}>
            <Icon name="logout" />
            {t("common.nav.logout")}
          </button>
        </div>
      )}
    </div>
  );
}
