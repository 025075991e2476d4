import type { CallView } from "../../call/view";
import type { DeviceChoice } from "../../call/devices";
import { chosenDevices } from "../../media/chosen";
import { useT } from "../../i18n";
import { Button, Checkbox, Dialog, Select } from "../../ui";

interface Props {
  open: boolean;
  view: CallView;
  keysOn: boolean;
  onKeys: (on: boolean) => void;
  onPick: (kind: "mic" | "camera" | "speaker", id: string) => void;
  /** Says anew whether one signs or reads; null where that is not asked. */
  onNeeds: (() => void) | null;
  onClose: () => void;
}

/** Another camera, microphone or speaker, in the middle of the call and without leaving it. */
export function DevicesDialog({ open, view, keysOn, onKeys, onPick, onNeeds, onClose }: Props) {
  const t = useT();
  const { cameras, microphones, speakers } = view.devices;
  const chosen = chosenDevices.get();
  const inUse = view.own?.getVideoTracks()[0]?.getSettings().deviceId;
  const options = (choices: readonly DeviceChoice[]) =>
    choices.length === 0
      ? [{ value: "", label: t("visit.devices.none") }]
      : choices.map(({ id, label }, index) => ({
          value: id,
          label: label || t("visit.devices.unnamed", { number: index + 1 }),
        }));
  return (
    <Dialog open={open} onClose={onClose} title={t("visit.devices.title")}>
      <Select
        label={t("visit.devices.camera")}
        options={options(cameras)}
        defaultValue={inUse ?? chosen.camera ?? ""}
        onChange={(event) => onPick("camera", event.target.value)}
      />
      <Select
        label={t("visit.devices.microphone")}
        options={options(microphones)}
        defaultValue={chosen.microphone ?? ""}
        onChange={(event) => onPick("mic", event.target.value)}
      />
      {speakers.length > 0 && (
        <Select
          label={t("visit.devices.speaker")}
          options={options(speakers)}
          defaultValue={chosen.speaker ?? ""}
          onChange={(event) => onPick("speaker", event.target.value)}
        />
      )}
      <p>{t("visit.devices.note")}</p>
      <Checkbox
        label={t("visit.devices.keys")}
        checked={keysOn}
        onChange={(event) => onKeys(event.target.checked)}
      />
      {onNeeds !== null && (
        <Button kind="secondary" icon="hand" onClick={onNeeds}>
          {t("needs.open")}
        </Button>
      )}
    </Dialog>
  );
}
