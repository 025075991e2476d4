import { useState } from "react";
import { useT } from "../../../i18n";
import { Button, Notice, RadioCards } from "../../../ui";
import type { Account, Commission } from "../../../wire/types";
import { useProblemText } from "../useProblemText";
import styles from "./Duty.module.css";
import { useSetDuty } from "./useDuty";

/** Chooses the commission (medarbetaruppdrag) of this shift: a clinic and a profession. */
export function GoOnDuty({ account, onDone }: { account: Account; onDone?: () => void }) {
  const t = useT();
  const words = useProblemText();
  const commissions = account.commissions ?? [];
  const [chosen, setChosen] = useState(() => (commissions[0] ? valueOf(commissions[0]) : ""));
  const change = useSetDuty(onDone);
  const commission = commissions.find((one) => valueOf(one) === chosen);

  if (commission === undefined) {
    return (
      <Notice tone="warn" title={t("staff.duty.none")}>
        {t("staff.duty.none_what")}
      </Notice>
    );
  }
  return (
    <form
      className={styles.controls}
      onSubmit={(event) => {
        event.preventDefault();
        const { clinic_id, profession } = commission;
        change.run({ state: "on", clinic_id, profession });
      }}
    >
      <RadioCards
        legend={t("staff.duty.which")}
        name="commission"
        value={chosen}
        onChange={setChosen}
        options={commissions.map((one) => ({
          value: valueOf(one),
          label: one.clinic_name,
          about: t(`common.profession.${one.profession}`),
        }))}
      />
      <p className={styles.soft}>{t("staff.duty.on_what")}</p>
      <Button type="submit" size="large" icon="check" busy={change.busy}>
        {t("staff.duty.go_on")}
      </Button>
      {change.error !== null && (
        <Notice tone="danger" live="assertive">
          {words(change.error)}
        </Notice>
      )}
    </form>
  );
}

function valueOf({ clinic_id, profession }: Commission): string {
  return `${clinic_id} ${profession}`;
}
