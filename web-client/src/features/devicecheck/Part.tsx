import type { ReactNode } from "react";
import { useT } from "../../i18n";
import { Card, Icon, type IconName, Select } from "../../ui";
import css from "./DeviceCheck.module.css";

interface PartProps {
  icon: IconName;
  title: string;
  children: ReactNode;
}

export function Part({ icon, title, children }: PartProps) {
  return (
    <Card as="section" className={css.part}>
      <h2 className={css.title}>
        <Icon name={icon} />
        {title}
      </h2>
      {children}
    </Card>
  );
}

interface PickProps {
  kind: MediaDeviceKind;
  label: string;
  devices: MediaDeviceInfo[];
  value: string | undefined;
  onChoose: (id: string) => void;
}

/** Shown only when there is something to choose between. */
export function Pick({ kind, label, devices, value, onChoose }: PickProps) {
  const t = useT();
  const mine = devices.filter((device) => device.kind === kind && device.deviceId !== "");
  if (mine.length < 2) return null;
  return (
    <Select
      label={label}
      value={value ?? mine[0]?.deviceId ?? ""}
      onChange={(event) => onChoose(event.target.value)}
      options={mine.map((device, index) => ({
        value: device.deviceId,
        label: device.label || t("patient.check.unnamed", { number: index + 1 }),
      }))}
    />
  );
}
