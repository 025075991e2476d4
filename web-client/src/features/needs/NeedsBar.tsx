import type { ReactNode } from "react";
import { useT } from "../../i18n";
import { Icon } from "../../ui";
import { ICON } from "./icon";
import css from "./NeedsBar.module.css";
import type { Need } from "./needs";

interface Props {
  needs: readonly Need[];
  /** What the reader may do about it. */
  children?: ReactNode;
}

/** Who signs or does not hear, for as long as they are there: it changes how one talks. */
export function NeedsBar({ needs, children }: Props) {
  const t = useT();
  if (needs.length === 0) return null;
  return (
    <section className={css.bar} aria-label={t("needs.bar")}>
      {needs.map(({ id, name, communication, chat }) => (
        <p key={id} className={css.one}>
          <Icon name={ICON[communication]} size={22} />
          {name === null
            ? t(`needs.you.${communication}`)
            : t(
                chat && communication === "reads"
                  ? "needs.with.write"
                  : `needs.with.${communication}`,
                {
                  name,
                },
              )}
        </p>
      ))}
      {children}
    </section>
  );
}
