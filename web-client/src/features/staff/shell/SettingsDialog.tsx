import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { useLogout } from "../../../app/session";
import { useT } from "../../../i18n";
import { Button, Checkbox, Dialog, Notice } from "../../../ui";
import { keys } from "../../../wire/keys";
import type { Account, Duty } from "../../../wire/types";
import { useDuty, useSetDuty } from "../duty/useDuty";
import { setPref, usePrefs } from "../prefs";
import { useProblemText } from "../useProblemText";
import styles from "./SettingsDialog.module.css";
import { titleOf } from "./titleOf";

interface SettingsProps {
  open: boolean;
  account: Account;
  onClose: () => void;
}

/** How the workplace behaves on this computer, and the way out. */
export function SettingsDialog({ open, account, onClose }: SettingsProps) {
  const t = useT();
  const prefs = usePrefs();
  return (
    <Dialog open={open} onClose={onClose} title={t("staff.settings")}>
      <div className={styles.body}>
        <p className={styles.account}>
          {t("staff.settings.account", { name: account.name, title: titleOf(t, account) })}
        </p>
        <div className={styles.choice}>
          <Checkbox
            label={t("staff.settings.shortcuts")}
            checked={prefs.shortcuts}
            onChange={(event) => {
              setPref("shortcuts", event.target.checked);
            }}
          />
          <dl className={styles.keys}>
            <div>
              <dt>
                <kbd>{t("staff.key.next")}</kbd>
              </dt>
              <dd>{t("staff.settings.key_next")}</dd>
            </div>
            <div>
              <dt>
                <kbd>{t("staff.key.end")}</kbd>
              </dt>
              <dd>{t("staff.settings.key_end")}</dd>
            </div>
          </dl>
          <p className={styles.hint}>{t("staff.settings.shortcuts_hint")}</p>
        </div>
        <div className={styles.choice}>
          <Checkbox
            label={t("staff.settings.chime")}
            checked={prefs.chime}
            onChange={(event) => {
              setPref("chime", event.target.checked);
            }}
          />
          <Checkbox
            label={t("staff.settings.flash")}
            checked={prefs.flash}
            onChange={(event) => {
              setPref("flash", event.target.checked);
            }}
          />
          <p className={styles.hint}>{t("staff.settings.chime_hint")}</p>
        </div>
        <p>
          <Link href="/personal/losenord" onClick={onClose}>
            {t("common.nav.password")}
          </Link>
        </p>
        <LogOut onDone={onClose} />
      </div>
    </Dialog>
  );
}

/** Logging out ends the shift first, so that nobody waits for someone who has gone home. */
function LogOut({ onDone }: { onDone: () => void }) {
  const t = useT();
  const words = useProblemText();
  const client = useQueryClient();
  const duty = useDuty();
  const [, go] = useLocation();
  const logout = useLogout("staff");
  const [asking, setAsking] = useState(false);
  const leave = () => {
    onDone();
    go("/personal");
    logout.logout();
  };
  const offDuty = useSetDuty(leave);
  const held = duty.data ?? client.getQueryData<Duty>(keys.duty);
  const working = held !== undefined && held.state !== "off";
  const error = offDuty.error ?? logout.error;

  if (asking && held !== undefined) {
    return (
      <Notice tone="warn" title={t("staff.logout.on_duty")} live="polite">
        <p>{t("staff.logout.what", { count: held.open_visits.length })}</p>
        <div className={styles.actions}>
          <Button
            busy={offDuty.busy || logout.busy}
            onClick={() => {
              offDuty.run({ state: "off" });
            }}
          >
            {t("staff.logout.both")}
          </Button>
          <Button
            kind="quiet"
            onClick={() => {
              setAsking(false);
            }}
          >
            {t("common.cancel")}
          </Button>
        </div>
        {error !== null && <p>{words(error)}</p>}
      </Notice>
    );
  }
  return (
    <div className={styles.actions}>
      <Button
        kind="secondary"
        icon="logout"
        busy={logout.busy}
        onClick={
          working
            ? () => {
                setAsking(true);
              }
            : leave
        }
      >
        {t("common.nav.logout")}
      </Button>
      {error !== null && <p role="alert">{words(error)}</p>}
    </div>
  );
}
