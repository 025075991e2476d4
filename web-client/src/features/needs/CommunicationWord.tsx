import { useT } from "../../i18n";
import { StatusPill } from "../../ui";
import type { Communication } from "../../wire/types";
import { ICON } from "./icon";

/** That somebody signs or reads, in a word with an icon; nothing of who speaks. */
export function CommunicationWord({ communication }: { communication: Communication }) {
  const t = useT();
  if (communication === "speech") return null;
  return (
    <StatusPill tone="lamp" icon={ICON[communication]}>
      {t(`needs.word.${communication}`)}
    </StatusPill>
  );
}
