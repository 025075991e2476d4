import type { ReactNode } from "react";
import css from "./Page.module.css";

/** The page's one h1. Focus moves here when the page is new, so that it is read first. */
export function PageHeading({ children, lead }: { children: ReactNode; lead?: ReactNode }) {
  return (
    <div className={css.heading}>
      <h1 tabIndex={-1} data-page-heading="">
        {children}
      </h1>
      {lead && <p className={css.lead}>{lead}</p>}
    </div>
  );
}

export function VisuallyHidden({ children }: { children: ReactNode }) {
  return <span className="visually-hidden">{children}</span>;
}

export function Avatar({ name, size = 56 }: { name: string; size?: number }) {
  const parts = name.split(/\s+/).filter(Boolean);
  const initials = [parts[0], parts.length > 1 ? parts.at(-1) : undefined]
    .map((part) => part?.charAt(0) ?? "")
    .join("");
  return (
    <span
      className={css.avatar}
      aria-hidden="true"
      style={{ inlineSize: size, blockSize: size, fontSize: size * 0.38 }}
    >
      {initials}
    </span>
  );
}

interface TableProps {
  caption: string;
  captionHidden?: boolean;
  children: ReactNode;
}

export function Table({ caption, captionHidden, children }: TableProps) {
  return (
    <div className={css.tableBox}>
      <table className={css.table}>
        <caption className={captionHidden ? "visually-hidden" : css.caption}>{caption}</caption>
        {children}
      </table>
    </div>
  );
}
