import { useState } from "react";
import { useT } from "../../i18n";
import { Button, Dialog, Notice, useErrorWords } from "../../ui";
import { useAction } from "../../wire/hooks";
import type { Communication } from "../../wire/types";
import { CommunicationCards } from "./CommunicationCards";

interface Props<T> {
  now: Communication;
  /** Sends the choice; the key makes a repeat harmless. */
  send: (communication: Communication, key: string) => Promise<T>;
  onSaved: (answer: T, communication: Communication) => void;
  onClose: () => void;
}

/** Choosing anew, while waiting or in the middle of the visit. */
export function CommunicationDialog<T>({ now, send, onSaved, onClose }: Props<T>) {
  const t = useT();
  const errorWords = useErrorWords();
  const [chosen, setChosen] = useState(now);
  const save = useAction((wanted: Communication, key) => send(wanted, key), {
    onSuccess: (answer) => {
      onSaved(answer, chosen);
      onClose();
    },
  });
  const problem = save.error === null ? null : errorWords(save.error);
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("needs.title")}
      actions={
        <Button busy={save.busy} onClick={() => save.run(chosen)}>
          {t("needs.save")}
        </Button>
      }
    >
      <p>{t("needs.seen")}</p>
      <CommunicationCards
        legend={t("needs.title")}
        legendHidden
        value={chosen}
        onChange={setChosen}
      />
      {problem !== null && (
        <Notice tone="danger" live="assertive" title={problem.title}>
          {problem.text}
        </Notice>
      )}
    </Dialog>
  );
}
