import { useEffect, useRef } from "react";
import { useLocation } from "wouter";

let shownPath: string | null = null;

/**
 * Names the page, and on a new address moves focus to its heading: a screen reader then says where
 * one is. The first page of all is left alone; the browser reads that itself.
 */
export function usePageTitle(title: string): void {
  const [path] = useLocation();
  useEffect(() => {
    document.title = `${title} – Vårdrum`;
  }, [title]);
  const done = useRef(false);
  useEffect(() => {
    if (done.current || shownPath === path) return;
    done.current = true;
    const first = shownPath === null;
    shownPath = path;
    if (first) return;
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>("[data-page-heading]")?.focus({ preventScroll: true });
  }, [path]);
}
