import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import {
  Avatar,
  Button,
  cx,
  Drawing,
  Icon,
  LanguageSwitch,
  Notice,
  useErrorWords,
  VisuallyHidden,
} from "../../ui";
import { useAction } from "../../wire/hooks";
import { keys } from "../../wire/keys";
import { visitQuery } from "../../wire/queries";
import { api } from "../../wire/rest";
import type { VisitSummary } from "../../wire/types";
import { useRinging } from "./useRinging";
import css from "./YourTurn.module.css";

/**
 * To who signs or does not hear (`silent`) it flashes and goes on vibrating, whatever the sound does.
 *
 * The whole page says one thing, and has one button. A dialog, so that all beneath is at rest.
 */
export function YourTurn({ visit, silent }: { visit: VisitSummary; silent: boolean }) {
  const t = useT();
  const format = useFormat();
  const errorWords = useErrorWords();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [quiet, setQuiet] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useRinging(t("patient.turn.flash"), quiet, silent);

  const { data: whole } = useQuery(visitQuery("patient", visit.id));
  const enter = useAction(
    (_: null, key) => api.post(`/api/v1/patient/visits/${visit.id}/join`, {}, { key }),
    {
      onSuccess: (joined) => {
        queries.setQueryData(keys.visit("patient", joined.id), joined);
        void queries.invalidateQueries({ queryKey: keys.overview });
        go(`/besok/${joined.id}`);
      },
    },
  );

  const show = () => {
    const element = dialog.current;
    if (element?.isConnected && !element.open) element.showModal();
    element?.querySelector<HTMLElement>("h1")?.focus();
  };
  useEffect(() => {
    const element = dialog.current;
    show();
    return () => element?.close();
  }, []);

  const failed = enter.error && errorWords(enter.error);
  return (
    <dialog
      ref={dialog}
      className={cx(css.turn, silent && css.flashing)}
      {...(silent && { "data-theme": "light" })}
      aria-labelledby="turn"
      aria-describedby="turn-who"
      onCancel={(event) => event.preventDefault()}
      // A browser asks once: a second Escape in a row closes it whatever one says.
      onClose={show}
    >
      <div className={css.bar}>
        <LanguageSwitch />
        <Button
          kind="quiet"
          size="small"
          icon={quiet ? "bellOff" : "bell"}
          aria-pressed={quiet}
          onClick={() => setQuiet(!quiet)}
        >
          {t("patient.turn.mute")}
        </Button>
      </div>
      <div className={css.inside}>
        <Drawing name="door" className={css.drawing} />
        <h1 id="turn" tabIndex={-1}>
          {t("patient.turn.title")}
        </h1>
        {/* In the dialog: while it is open, what is outside is silent. */}
        <VisuallyHidden>
          <span role="alert">
            {`${t("patient.turn.title")}. ${t("patient.turn.waits", { name: visit.clinician.name })}`}
          </span>
        </VisuallyHidden>
        <div id="turn-who" className={css.who}>
          <Avatar name={visit.clinician.name} size={64} />
          <p>
            <strong>{t("patient.turn.waits", { name: visit.clinician.name })}</strong>
            <span>
              {t(`common.profession.${visit.profession}`)}, {visit.clinic_name}
            </span>
          </p>
        </div>
        <Button
          size="large"
          className={css.enter}
          iconAfter="forward"
          busy={enter.busy}
          onClick={() => enter.run(null)}
        >
          {t("patient.turn.enter")}
        </Button>
        {failed && (
          <Notice tone="danger" live="assertive" title={t("patient.turn.failed")}>
            {failed.text}
          </Notice>
        )}
        <p className={css.how}>
          <Icon name={visit.mode} />
          {t(`patient.turn.${visit.mode}`)}
        </p>
        {whole && (
          <p className={css.how}>
            <Icon name="clock" />
            {t(whole.requeue_possible ? "patient.turn.until" : "patient.turn.until_last", {
              time: format.time(whole.answer_by),
            })}
          </p>
        )}
      </div>
    </dialog>
  );
}
