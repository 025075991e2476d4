import type { CallEngine } from "../../call/engine";
import type { Proposal } from "../../call/ladder";
import { type MessageKey, type Translate, useLanguage, useT } from "../../i18n";
import { Button, Notice } from "../../ui";
import { whose } from "./quality";

const ICON = { video: "video", sound: "mic", chat: "chat" } as const;

function whyOf({ line: { reason, way } }: Proposal): MessageKey {
  if (reason === null) return "visit.ladder.video.why";
  return reason === "loss"
    ? `visit.ladder.why.loss.${way ?? "both"}`
    : `visit.ladder.why.${reason}`;
}

function effectOf({ rung, spared }: Proposal, t: Translate): string {
  if (rung !== "sound") return "";
  const all = spared.camera && spared.pictures;
  return t(`visit.ladder.sound.${all ? "all" : spared.camera ? "camera" : "pictures"}`);
}

interface Props {
  engine: CallEngine;
  proposal: Proposal;
  /** The other of two. */
  name: string;
}

/** A step down or up the ladder, with the reason: to be taken, or left. */
export function Proposed({ engine, proposal, name }: Props) {
  const t = useT();
  const language = useLanguage();
  const { rung, others } = proposal;
  const why = others
    ? t("visit.ladder.why.other", { whose: whose(name, language) })
    : t(whyOf(proposal));
  return (
    <Notice
      tone={rung === "video" ? "ok" : "warn"}
      title={t(`visit.ladder.${rung}.title`)}
      actions={
        <>
          <Button size="small" icon={ICON[rung]} onClick={() => engine.accept(proposal)}>
            {t(`visit.ladder.${rung}.yes`)}
          </Button>
          <Button kind="quiet" size="small" onClick={() => engine.decline()}>
            {t(`visit.ladder.${rung}.no`)}
          </Button>
        </>
      }
    >
      {`${why} ${effectOf(proposal, t)}`.trim()}
    </Notice>
  );
}
