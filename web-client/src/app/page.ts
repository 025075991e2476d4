import { useEffect } from "react";
import { useLocation, useSearch } from "wouter";

let shown: string | null = null;

/**
 * Names the page, and when it is a new one moves focus to its heading: a screen reader then says
 * where one is. A page is new by its address, or by `part` where one address holds several. The
 * first page of all is left alone; the browser reads that itself.
 */
export function usePageTitle(title: string, part = ""): void {
  const [path] = useLocation();
  const page = `${path}?${useSearch()} ${part}`;
  useEffect(() => {
    document.title = `${title} – Vårdrum`;
  }, [title]);
  // At each drawing: a page that waits for its data has no heading at the first.
  useEffect(() => {
    if (shown === page) return;
    const first = shown === null;
    const heading = document.querySelector<HTMLElement>("[data-page-heading]");
    if (!first && heading === null) return;
    shown = page;
    if (first) return;
    window.scrollTo(0, 0);
    heading?.focus({ preventScroll: true });
  });
}
