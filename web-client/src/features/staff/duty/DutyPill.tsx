import { useState } from "react";
import { useT } from "../../../i18n";
import { Dialog, Icon } from "../../../ui";
import type { IconName } from "../../../ui";
import type { Account, Duty } from "../../../wire/types";
import styles from "./Duty.module.css";
import { DutyControls } from "./DutyControls";
import { GoOnDuty } from "./GoOnDuty";
import { useDuty } from "./useDuty";

const ICONS: Record<Duty["state"], IconName> = { on: "check", paused: "pause", off: "home" };

/** Whether one is on duty: in every header, and the way to change it. */
export function DutyPill({ account }: { account: Account }) {
  const t = useT();
  const duty = useDuty();
  const [open, setOpen] = useState(false);
  if (duty.data === undefined) return <span className={styles.pillPlace} />;
  const { state, clinic_name } = duty.data;
  const close = () => {
    setOpen(false);
  };
  return (
    <>
      <button
        type="button"
        className={styles.pill}
        data-state={state}
        onClick={() => {
          setOpen(true);
        }}
      >
        <Icon name={ICONS[state]} />
        <span className={styles.pillState}>{t(`staff.duty.${state}`)}</span>
        {state !== "off" && clinic_name !== null && (
          <span className={styles.pillWhere}>{clinic_name}</span>
        )}
      </button>
      <section className={styles.dialogs}>
        <Dialog open={open} onClose={close} title={t("staff.duty.title")}>
          {state === "off" ? (
            <GoOnDuty account={account} onDone={close} />
          ) : (
            <DutyControls duty={duty.data} onDone={close} />
          )}
        </Dialog>
      </section>
    </>
  );
}
