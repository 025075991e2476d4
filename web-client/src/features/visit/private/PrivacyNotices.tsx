import { useState } from "react";
import type { CallView } from "../../../call/view";
import { useLanguage, useT } from "../../../i18n";
import { Button, Notice } from "../../../ui";
import { listed, namesOf } from "./names";

/** What has to be said of the encryption without being asked. `quiet`: there is graver news. */
export function PrivacyNotices({ view, quiet }: { view: CallView; quiet: boolean }) {
  const [read, setRead] = useState(false);
  const { own, state } = view.privacy;
  if (quiet) return null;
  const bypassed = own === "did_not" && state !== "alone" && !read;
  return (
    <>
      {bypassed && <BypassedNotice onRead={() => setRead(true)} />}
      <UnreadNotice view={view} />
    </>
  );
}

/** One's own browser sent in the clear what it was to hide. */
function BypassedNotice({ onRead }: { onRead: () => void }) {
  const t = useT();
  return (
    <Notice
      tone="warn"
      icon="lockOpen"
      title={t("visit.private.did_not.title")}
      actions={
        <Button kind="quiet" size="small" onClick={onRead}>
          {t("visit.notice.read")}
        </Button>
      }
    >
      {t("visit.private.did_not.text")}
    </Notice>
  );
}

/** Somebody's frames come and can't be read: what is done about it, and what else helps. */
function UnreadNotice({ view }: { view: CallView }) {
  const t = useT();
  const language = useLanguage();
  const names = listed(namesOf(view, view.privacy.unread), language);
  if (names === "") return null;
  return (
    <Notice tone="warn" title={t("visit.private.unread.title", { names })}>
      {t("visit.private.unread.text", { names })}
    </Notice>
  );
}
