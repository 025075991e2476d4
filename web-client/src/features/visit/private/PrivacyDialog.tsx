import type { CallView } from "../../../call/view";
import { useLanguage, useT } from "../../../i18n";
import { Button, Dialog, Spinner } from "../../../ui";
import css from "./Privacy.module.css";
import { listed, namesOf } from "./names";

interface Props {
  view: CallView;
  onClose: () => void;
}

/** What the words in the bar mean, and the code with which people can be sure of them. */
export function PrivacyDialog({ view, onClose }: Props) {
  const t = useT();
  const { state } = view.privacy;
  return (
    <Dialog
      open
      onClose={onClose}
      title={t(`visit.private.${state === "alone" ? "waiting" : state}`)}
      actions={<Button onClick={onClose}>{t("common.close")}</Button>}
    >
      {state === "alone" && <p role="status">{t("private.waiting.text")}</p>}
      {state === "off" && <Off view={view} />}
      {state === "on" && <On view={view} />}
      <p>{t("private.chat")}</p>
    </Dialog>
  );
}

function On({ view }: { view: CallView }) {
  const t = useT();
  const language = useLanguage();
  const { code } = view.privacy;
  const names = listed(namesOf(view), language);
  return (
    <>
      <p>{t("private.on.text")}</p>
      <div className={css.code} role="group" aria-label={t("private.code.title")}>
        <h3>{t("private.code.title")}</h3>
        <div role="status">
          {code === null ? (
            <Spinner label={t("private.code.wait")} />
          ) : (
            <>
              <p className={css.digits} aria-hidden="true">
                <span>{code.slice(0, 3)}</span>
                <span>{code.slice(3)}</span>
              </p>
              {/* Each digit by itself: a number in the hundred thousands is hard to compare. */}
              <p className="visually-hidden">{code.split("").join(" ")}</p>
            </>
          )}
        </div>
        {names !== "" && <p>{t("private.code.people", { names })}</p>}
      </div>
      <p>{t("private.code.how")}</p>
      <p>{t("private.code.differs")}</p>
    </>
  );
}

function Off({ view }: { view: CallView }) {
  const t = useT();
  const language = useLanguage();
  const { cannot, own } = view.privacy;
  const names = listed(namesOf(view, cannot), language);
  return (
    <>
      <p>{t("private.off.text")}</p>
      {own === "cannot" && <p>{t("private.off.own")}</p>}
      {own === "did_not" && <p>{t("private.off.did_not")}</p>}
      {names !== "" && <p>{t("private.off.others", { names })}</p>}
      {own === "hides" && names === "" && <p role="status">{t("private.off.turning")}</p>}
    </>
  );
}
