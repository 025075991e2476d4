import { type ReactNode, useCallback, useEffect, useState } from "react";
import { useT } from "../../i18n";
import type { Trouble } from "../../media/check";
import type { EquipmentIn } from "../../wire/types";
import { Button, Card, Drawing, Notice, PermissionHelp, Spinner } from "../../ui";
import css from "./DeviceCheck.module.css";
import { equipmentOf, type Findings, NOTHING_FOUND } from "./findings";
import { LiveCheck } from "./LiveCheck";
import { useCheck } from "./useCheck";

interface Props {
  /** What leads on; `tested` once camera or microphone has been opened. */
  footer: (tested: boolean) => ReactNode;
  /** What was found so far, whenever that changes: to be shown to whoever receives. */
  onResult: (equipment: EquipmentIn) => void;
  /** Offered when media cannot be had. Absent: there is no other way here. */
  onUseChat?: () => void;
}

function TroubleView({
  trouble,
  onRetry,
  onUseChat,
}: {
  trouble: Trouble;
  onRetry: () => void;
  onUseChat: (() => void) | undefined;
}) {
  const t = useT();
  return (
    <Card className={css.part}>
      <Notice tone="warn" live="assertive" title={t(`patient.check.${trouble}_title`)}>
        {t(`patient.check.${trouble}_text`)}
      </Notice>
      {trouble === "denied" && <PermissionHelp device="both" />}
      <div className={css.actions}>
        {onUseChat && (
          <Button icon="chat" onClick={onUseChat}>
            {t("patient.check.use_chat")}
          </Button>
        )}
        {trouble !== "insecure" && (
          <Button kind="secondary" icon="refresh" onClick={onRetry}>
            {t("common.retry")}
          </Button>
        )}
      </div>
    </Card>
  );
}

/** Explains first, asks then; and every answer has a way on. */
export function DeviceCheck({ footer, onResult, onUseChat }: Props) {
  const t = useT();
  const { state, devices, open, choose } = useCheck();
  const [findings, setFindings] = useState(NOTHING_FOUND);
  const found = useCallback(
    (part: Partial<Findings>) => setFindings((before) => ({ ...before, ...part })),
    [],
  );
  useEffect(() => {
    const equipment = equipmentOf(state, findings);
    if (equipment !== null) onResult(equipment);
  }, [state, findings, onResult]);
  return (
    <div className={css.check}>
      {state.stage === "before" && (
        <Card className={css.intro}>
          <Drawing name="camera" />
          <p>{t("patient.check.before")}</p>
          <p className={css.quiet}>{t("patient.check.private")}</p>
          <Button size="large" icon="video" onClick={() => void open()}>
            {t("patient.check.start")}
          </Button>
        </Card>
      )}
      {state.stage === "asking" && (
        <Card className={css.intro}>
          <Spinner label={t("patient.check.asking")} />
          <p>{t("patient.check.asking_text")}</p>
        </Card>
      )}
      {state.stage === "live" && (
        <LiveCheck
          opened={state.opened}
          devices={devices}
          onChoose={choose}
          onRetry={() => void open()}
          findings={findings}
          onFound={found}
        />
      )}
      {state.stage === "trouble" && (
        <TroubleView trouble={state.trouble} onRetry={() => void open()} onUseChat={onUseChat} />
      )}
      <div className={css.footer}>{footer(state.stage === "live")}</div>
    </div>
  );
}
