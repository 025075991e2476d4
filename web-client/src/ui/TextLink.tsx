import type { ReactNode } from "react";
import { Link } from "wouter";

export function TextLink({ href, children }: { href: string; children: ReactNode }) {
  if (/^[a-z]+:/.test(href)) return <a href={href}>{children}</a>;
  return <Link href={href}>{children}</Link>;
}
