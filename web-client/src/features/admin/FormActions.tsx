import { useT } from "../../i18n";
import { Button } from "../../ui";
import styles from "./Admin.module.css";

/** How a form ends: what it does, and the way out. */
export function FormActions(props: { text: string; busy: boolean; onCancel: () => void }) {
  const t = useT();
  return (
    <div className={styles.actions}>
      <Button type="submit" busy={props.busy}>
        {props.text}
      </Button>
      <Button kind="quiet" onClick={props.onCancel}>
        {t("common.cancel")}
      </Button>
    </div>
  );
}
