import { useState } from "react";
import { useAnnounce } from "../../../app/announce";
import { usePageTitle } from "../../../app/page";
import { useT } from "../../../i18n";
import { Button, Card, LinkButton, Notice } from "../../../ui";
import type { ApiError } from "../../../wire/problem";
import type { Visit } from "../../../wire/types";
import { Conversation } from "../../chat";
import { useDuty } from "../duty/useDuty";
import { NoteEditor } from "../note/NoteEditor";
import { SignedNote } from "../note/SignedNote";
import type { NoteHandle } from "../note/useNote";
import { usePrefs } from "../prefs";
import { useTake } from "../queue/useTake";
import { useProblemText } from "../useProblemText";
import { useShortcut } from "../useShortcut";
import { CallQuality } from "./CallQuality";
import { PatientFacts } from "./PatientFacts";
import { useSign } from "./useSign";
import { VisitStatePill } from "./VisitStatePill";
import styles from "./WrapUp.module.css";

interface WrapUpProps {
  visit: Visit;
  note: NoteHandle;
}

/** After the meeting: finish and sign the note, read the conversation, go on to the next. */
export function WrapUp({ visit, note }: WrapUpProps) {
  const t = useT();
  // Here, because what the queue answers may come when the note is no longer written.
  const next = useNextPatient();
  const signed = visit.note?.signed_at != null;
  usePageTitle(
    visit.patient === null
      ? t("staff.patient.closed")
      : t("staff.visit.title", { name: visit.patient.name }),
    signed ? "signed" : "after",
  );
  return (
    <div className={styles.wrap}>
      <div className={styles.work}>
        <div className={styles.state}>
          <VisitStatePill visit={visit} />
        </div>
        <PatientFacts visit={visit} level={1} />
        {visit.note != null && signed ? (
          <>
            <Card padding="tight">
              <SignedNote note={visit.note} />
            </Card>
            <AfterSigning next={next} />
          </>
        ) : (
          <Writing visit={visit} note={note} next={next} />
        )}
        <CallQuality visit={visit} />
      </div>
      <section className={styles.talk} aria-labelledby="conversation">
        <h2 id="conversation">{t("staff.visit.conversation")}</h2>
        <Conversation
          audience="staff"
          visitId={visit.id}
          {...(visit.patient !== null && { otherName: visit.patient.name })}
        />
      </section>
    </div>
  );
}

type NextPatient = ReturnType<typeof useNextPatient>;

function Writing({ visit, note, next }: WrapUpProps & { next: NextPatient }) {
  const t = useT();
  const words = useProblemText();
  const announce = useAnnounce();
  const [empty, setEmpty] = useState(false);
  const [thenNext, setThenNext] = useState(false);
  const sign = useSign(visit.id, note.keeper, () => {
    announce(t("staff.visit_state.documented"));
    if (thenNext) next.run();
  });
  const start = (goOn: boolean) => {
    const blank = note.draft.text.trim() === "";
    setEmpty(blank);
    if (blank) return;
    setThenNext(goOn);
    sign.run();
  };
  return (
    <Card padding="tight">
      <NoteEditor
        keeper={note.keeper}
        draft={note.draft}
        rows={8}
        hint={t("staff.note.hint")}
        error={empty ? t("staff.problem.note_empty") : null}
      />
      <p className={styles.hint}>{t("staff.sign.what")}</p>
      <div className={styles.actions}>
        {next.possible && (
          // No single key for it: a signature must not be a slip of the hand.
          <Button
            icon="forward"
            busy={sign.busy || next.busy}
            onClick={() => {
              start(true);
            }}
          >
            {t("staff.sign.and_next")}
          </Button>
        )}
        <Button
          kind={next.possible ? "secondary" : "primary"}
          icon="pen"
          busy={sign.busy}
          onClick={() => {
            start(false);
          }}
        >
          {t("staff.sign.action")}
        </Button>
        <LinkButton href="/personal" kind="quiet">
          {t("staff.sign.later")}
        </LinkButton>
      </div>
      <Problem error={sign.error ?? next.error} words={words} />
    </Card>
  );
}

function AfterSigning({ next }: { next: NextPatient }) {
  const t = useT();
  const words = useProblemText();
  useShortcut("next", next.possible ? next.run : null);
  return (
    <div>
      <div className={styles.actions}>
        {next.possible && (
          <Button icon="forward" busy={next.busy} onClick={next.run}>
            <span>{t("staff.take_next_patient")}</span>
            <NextKey />
          </Button>
        )}
        <LinkButton href="/personal" kind={next.possible ? "secondary" : "primary"} icon="people">
          {t("staff.to_queue")}
        </LinkButton>
      </div>
      <Problem error={next.error} words={words} />
    </div>
  );
}

function useNextPatient() {
  const duty = useDuty();
  const take = useTake();
  return {
    possible: duty.data?.state === "on",
    busy: take.busy,
    error: take.error,
    run: () => {
      take.run(null);
    },
  };
}

function NextKey() {
  const t = useT();
  const { shortcuts } = usePrefs();
  return shortcuts ? <kbd className={styles.key}>{t("staff.key.next")}</kbd> : null;
}

function Problem({ error, words }: { error: ApiError | null; words: (error: ApiError) => string }) {
  if (error === null) return null;
  return (
    <Notice tone="warn" live="assertive">
      {words(error)}
    </Notice>
  );
}
