import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useT } from "../../i18n";
import { Button, Dialog, Notice, Select } from "../../ui";
import { keys } from "../../wire/keys";
import { api } from "../../wire/rest";
import type { Commission, StaffMember } from "../../wire/types";
import styles from "./Admin.module.css";
import { useChange, useClinics } from "./data";
import { GivePassword } from "./GivePassword";
import { Problem } from "./Problem";

interface Props {
  person: StaffMember;
  isMe: boolean;
  onClose: () => void;
}

/** Where somebody works, whether they administer, and whether they may log in. */
export function PersonDialog({ person, isMe, onClose }: Props) {
  return (
    <Dialog open onClose={onClose} title={person.name} size="wide">
      <p className={styles.soft}>
        {person.title === null ? person.username : `${person.title} · ${person.username}`}
      </p>
      <Commissions person={person} isMe={isMe} />
      <Administrator person={person} isMe={isMe} />
      {!isMe && <GivePassword person={person} />}
      {!isMe && <Lock person={person} />}
    </Dialog>
  );
}

function Commissions({ person, isMe }: { person: StaffMember; isMe: boolean }) {
  const t = useT();
  const change = useChange(
    (input: { clinic_id: string; profession: Commission["profession"]; held: boolean }, key) =>
      api.put(`/api/v1/staff/admin/people/${person.id}/commissions`, input, { key }),
  );
  return (
    <section className={styles.group}>
      <h3>{t("admin.commissions")}</h3>
      {person.commissions.length === 0 && <p>{t("admin.no_commission")}</p>}
      <ul className={styles.held}>
        {person.commissions.map(({ clinic_id, clinic_name, profession }) => {
          const words = t("admin.works_as", {
            profession: t(`common.profession.${profession}`),
            clinic: clinic_name,
          });
          return (
            <li key={`${clinic_id} ${profession}`}>
              <span>{words}</span>
              {!isMe && (
                <Button
                  kind="quiet"
                  size="small"
                  busy={change.busy}
                  aria-label={t("admin.take_of", { commission: words })}
                  onClick={() => change.run({ clinic_id, profession, held: false })}
                >
                  {t("admin.take")}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {isMe ? (
        <p className={styles.soft}>{t("admin.problem.own")}</p>
      ) : (
        <GiveCommission
          person={person}
          busy={change.busy}
          onGive={(commission) => change.run({ ...commission, held: true })}
        />
      )}
      <Problem error={change.error} />
    </section>
  );
}

interface GiveProps {
  person: StaffMember;
  busy: boolean;
  onGive: (commission: Pick<Commission, "clinic_id" | "profession">) => void;
}

function GiveCommission({ person, busy, onGive }: GiveProps) {
  const t = useT();
  const clinics = useClinics();
  const [chosen, setChosen] = useState("");
  const held = new Set(person.commissions.map((one) => `${one.clinic_id} ${one.profession}`));
  const free = (clinics.data ?? [])
    .flatMap((clinic) => clinic.services.map(({ profession }) => ({ clinic, profession })))
    .map(({ clinic, profession }) => ({
      value: `${clinic.id} ${profession}`,
      clinic_id: clinic.id,
      profession,
      label: t("admin.works_as", {
        profession: t(`common.profession.${profession}`),
        clinic: clinic.name,
      }),
    }))
    .filter(({ value }) => !held.has(value));
  const picked = free.find(({ value }) => value === chosen);
  if (clinics.data !== undefined && free.length === 0) {
    return <p className={styles.soft}>{t("admin.all_held")}</p>;
  }
  return (
    <form
      className={styles.give}
      onSubmit={(event) => {
        event.preventDefault();
        if (picked) onGive({ clinic_id: picked.clinic_id, profession: picked.profession });
      }}
    >
      <Select
        label={t("admin.give_which")}
        value={picked?.value ?? ""}
        onChange={(event) => setChosen(event.target.value)}
        options={[{ value: "", label: t("admin.choose") }, ...free]}
      />
      <Button type="submit" kind="secondary" busy={busy} disabled={picked === undefined}>
        {t("admin.give")}
      </Button>
    </form>
  );
}

function Administrator({ person, isMe }: { person: StaffMember; isMe: boolean }) {
  const t = useT();
  const client = useQueryClient();
  const change = useChange(
    (administrator: boolean, key) =>
      api.put(`/api/v1/staff/admin/people/${person.id}/administrator`, { administrator }, { key }),
    () => {
      if (isMe) void client.invalidateQueries({ queryKey: keys.session("staff") });
    },
  );
  return (
    <section className={styles.group}>
      <h3>{t("admin.administration")}</h3>
      <p>{t(person.administrator ? "admin.is_administrator" : "admin.is_none")}</p>
      <div className={styles.actions}>
        <Button
          kind="secondary"
          busy={change.busy}
          onClick={() => change.run(!person.administrator)}
        >
          {t(person.administrator ? "admin.unmake" : "admin.make")}
        </Button>
      </div>
      <Problem error={change.error} />
    </section>
  );
}

function Lock({ person }: { person: StaffMember }) {
  const t = useT();
  const change = useChange((locked: boolean, key) => {
    const way = locked
      ? (`/api/v1/staff/admin/people/${person.id}/lock` as const)
      : (`/api/v1/staff/admin/people/${person.id}/unlock` as const);
    return api.post(way, {}, { key });
  });
  return (
    <section className={styles.group}>
      <h3>{t("admin.login")}</h3>
      {person.locked ? (
        <Notice tone="warn" icon="lock" live="polite">
          {t("admin.is_locked")}
        </Notice>
      ) : (
        <p>{t("admin.lock_what")}</p>
      )}
      <div className={styles.actions}>
        <Button
          kind={person.locked ? "secondary" : "danger"}
          icon={person.locked ? "lockOpen" : "lock"}
          busy={change.busy}
          onClick={() => change.run(!person.locked)}
        >
          {t(person.locked ? "admin.unlock" : "admin.lock")}
        </Button>
      </div>
      <Problem error={change.error} />
    </section>
  );
}
