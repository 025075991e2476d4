import { useT } from "../../../i18n";
import { Button, Dialog, RadioCards, Select } from "../../../ui";
import { type Layout, LAYOUTS, SCREEN } from "./arrange";
import type { Somebody } from "./somebody";

interface Props {
  open: boolean;
  layout: Layout;
  pinned: string | null;
  people: readonly Somebody[];
  /** Whose screen is shared. */
  screenOf: string | null;
  onLayout: (layout: Layout) => void;
  onPin: (key: string | null) => void;
  onClose: () => void;
}

/** How the stage is laid out, and who stays large on it; it takes effect while one looks. */
export function LayoutDialog(props: Props) {
  const { open, layout, pinned, people, screenOf, onLayout, onPin, onClose } = props;
  const t = useT();
  const options = [
    { value: "", label: t("people.pin.nobody") },
    ...(screenOf === null
      ? []
      : [{ value: SCREEN, label: t("people.screen.of", { name: screenOf }) }]),
    ...people.map(({ id, name, role }) => ({ value: id, label: `${name}, ${role}` })),
  ];
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={t("people.layout.title")}
      actions={<Button onClick={onClose}>{t("people.layout.done")}</Button>}
    >
      <RadioCards
        legend={t("people.layout.title")}
        legendHidden
        name="layout"
        value={layout}
        onChange={onLayout}
        options={LAYOUTS.map((value) => ({
          value,
          label: t(`people.layout.${value}`),
          about: t(`people.layout.${value}.about`),
        }))}
      />
      <Select
        label={t("people.pin")}
        hint={t("people.pin.about")}
        options={options}
        value={options.some(({ value }) => value === pinned) ? (pinned ?? "") : ""}
        onChange={(event) => onPin(event.target.value === "" ? null : event.target.value)}
      />
    </Dialog>
  );
}
