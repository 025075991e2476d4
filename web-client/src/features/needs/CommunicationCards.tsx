import { useT } from "../../i18n";
import { RadioCards } from "../../ui";
import type { Communication } from "../../wire/types";
import { ICON } from "./icon";

interface Props {
  legend: string;
  legendHidden?: boolean;
  value: Communication;
  onChange: (value: Communication) => void;
}

/** Speak, sign or read: each with what it changes. */
export function CommunicationCards(props: Props) {
  const t = useT();
  return (
    <RadioCards
      {...props}
      name="communication"
      options={[
        { value: "speech", label: t("needs.speech"), icon: "mic" },
        {
          value: "signs",
          label: t("needs.signs"),
          about: t("needs.signs_about"),
          icon: ICON.signs,
        },
        {
          value: "reads",
          label: t("needs.reads"),
          about: t("needs.reads_about"),
          icon: ICON.reads,
        },
      ]}
    />
  );
}
