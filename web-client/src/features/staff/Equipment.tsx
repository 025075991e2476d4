import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { type IconName, StatusPill, type Tone } from "../../ui";
import type { Equipment, EquipmentSummary } from "../../wire/types";
import css from "./Equipment.module.css";

const LOOK: Record<EquipmentSummary, { tone: Tone | "neutral"; icon: IconName }> = {
  good: { tone: "ok", icon: "check" },
  partly: { tone: "neutral", icon: "info" },
  weak_network: { tone: "warn", icon: "globe" },
  poor_network: { tone: "warn", icon: "offline" },
  sound_only: { tone: "warn", icon: "mic" },
  sound_trouble: { tone: "warn", icon: "micOff" },
  chat_only: { tone: "warn", icon: "chat" },
};

/** What the patient's test came to, in a word with an icon. */
export function EquipmentWord({ summary }: { summary: EquipmentSummary | null }) {
  const t = useT();
  if (summary === null) {
    return (
      <StatusPill tone="neutral" icon="info">
        {t("staff.equipment.none")}
      </StatusPill>
    );
  }
  const { tone, icon } = LOOK[summary];
  return (
    <StatusPill tone={tone} icon={icon}>
      {t(`staff.equipment.${summary}`)}
    </StatusPill>
  );
}

/** All of it, for who is to meet the patient. */
export function EquipmentDetails({ equipment }: { equipment: Equipment }) {
  const t = useT();
  const format = useFormat();
  const { round_trip_ms: trip, loss_percent: loss, up_kbps: up, down_kbps: down } = equipment;
  const measured = [
    trip !== null && t("staff.equipment.round_trip", { value: format.number(trip) }),
    loss !== null && t("staff.equipment.loss", { value: format.number(loss) }),
    up !== null &&
      down !== null &&
      t("staff.equipment.bitrates", { up: format.number(up), down: format.number(down) }),
    equipment.transport !== null && t(`staff.equipment.transport_${equipment.transport}`),
  ].filter((part) => part !== false);
  return (
    <div className={css.details}>
      <EquipmentWord summary={equipment.summary} />
      <ul>
        <li>{t(`staff.equipment.camera_${equipment.camera}`)}</li>
        <li>{t(`staff.equipment.microphone_${equipment.microphone}`)}</li>
        <li>{t(`staff.equipment.speaker_${equipment.speaker}`)}</li>
        <li>
          {t(`staff.equipment.network_${equipment.network}`)}
          {measured.length > 0 && <span className={css.numbers}>{measured.join(", ")}</span>}
        </li>
      </ul>
      <p className={css.when}>
        {t("staff.equipment.tested_at", { time: format.time(equipment.tested_at) })}
      </p>
    </div>
  );
}
