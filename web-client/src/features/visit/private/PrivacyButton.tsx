import { Suspense, useEffect, useRef, useState } from "react";
import { useAnnounce } from "../../../app/announce";
import { later } from "../../../app/later";
import type { CallView } from "../../../call/view";
import { useT } from "../../../i18n";
import { cx, Icon } from "../../../ui";
import css from "./Privacy.module.css";

const PrivacyDialog = later(async () => (await import("./PrivacyDialog")).PrivacyDialog, "private");

/** Whether the server can see and hear the call: in words, always, and more when pressed. */
export function PrivacyButton({ view }: { view: CallView }) {
  const t = useT();
  const announce = useAnnounce();
  const [open, setOpen] = useState(false);
  const { state } = view.privacy;
  // Who joins anew is alone for a moment. The button stays then: it may have the focus.
  const [met, setMet] = useState(false);
  if (state !== "alone" && !met) setMet(true);
  const was = useRef(state);
  useEffect(() => {
    const before = was.current;
    was.current = state;
    if (state === "alone") return;
    void PrivacyDialog.ahead();
    if (before !== "alone" && before !== state) announce(t(`visit.private.announce.${state}`));
  }, [announce, state, t]);

  if (!met) return null;
  const words = state === "alone" ? "waiting" : state;
  return (
    <>
      <button
        type="button"
        className={cx(css.state, state === "off" && css.off)}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Icon name={state === "off" ? "lockOpen" : "lock"} size={20} />
        <span>{t(`visit.private.${words}`)}</span>
      </button>
      {open && (
        <Suspense fallback={null}>
          <PrivacyDialog view={view} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
