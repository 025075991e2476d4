import { useState } from "react";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { Button, ConfirmDialog, Drawing, type DrawingName, Notice, PageHeading } from "../../ui";
import { useAction } from "../../wire/hooks";
import { api } from "../../wire/rest";
import type { GuestState, GuestVisit } from "../../wire/types";
import css from "./Guest.module.css";
import { Shell } from "./Shell";

interface Props {
  state: GuestState | null;
  visit: GuestVisit | null;
  /** Left for good, in this page. */
  gone: boolean;
  onMoved: (visit: GuestVisit) => void;
  onGone: () => void;
}

type Kind = "left" | "gone" | "removed" | "refused" | "expired" | "none";

function kindOf(state: GuestState | null): Kind {
  switch (state) {
    case "left":
    case "removed":
    case "refused":
    case "expired":
      return state;
    case null:
    case "invited":
    case "waiting":
    case "admitted":
      return "none";
  }
}

const DRAWING: Readonly<Record<Kind, DrawingName>> = {
  left: "door",
  gone: "done",
  removed: "done",
  refused: "trouble",
  expired: "done",
  none: "empty",
};

/** Outside: why, and what one can do now. */
export function Ending({ state, visit, gone, onMoved, onGone }: Props) {
  const t = useT();
  const kind = gone ? "gone" : kindOf(state);
  const [asking, setAsking] = useState(false);
  const title = t(`guest.ending.${kind}.title`);
  usePageTitle(title, kind);
  const back = useAction((_input: null, key) => api.post("/api/v1/guest/visit/join", {}, { key }), {
    onSuccess: onMoved,
  });
  const leave = useAction((_input: null, key) => api.del("/api/v1/guest/session", { key }), {
    onSuccess: onGone,
  });
  return (
    <Shell>
      <Drawing name={DRAWING[kind]} />
      <PageHeading>{title}</PageHeading>
      <p>{t(`guest.ending.${kind}.text`)}</p>
      {(back.error ?? leave.error) !== null && (
        <Notice tone="warn" live="assertive">
          {t("guest.problem.network")}
        </Notice>
      )}
      {kind === "left" && visit !== null && (
        <div className={css.actions}>
          <Button size="large" icon="video" busy={back.busy} onClick={() => back.run(null)}>
            {t("guest.ending.back")}
          </Button>
          <Button kind="quiet" busy={leave.busy} onClick={() => setAsking(true)}>
            {t("guest.gone.action")}
          </Button>
          <ConfirmDialog
            open={asking}
            title={t("guest.gone.title")}
            text={<p>{t("guest.gone.text")}</p>}
            confirm={t("guest.gone.yes")}
            cancel={t("common.cancel")}
            danger
            busy={leave.busy}
            onConfirm={() => {
              setAsking(false);
              leave.run(null);
            }}
            onCancel={() => setAsking(false)}
          />
        </div>
      )}
    </Shell>
  );
}
