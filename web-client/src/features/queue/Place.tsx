import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { cx, Icon, Notice } from "../../ui";
import { useLiveStatus, useOnline } from "../../wire/hooks";
import type { Ticket } from "../../wire/types";
import css from "./Place.module.css";
import { useCalm, usePassed, useResting } from "./useTicket";

const MOST_WINDOWS = 9;

/** A row of windows, one for each who waits; the lit one is yours. */
function Windows({ place }: { place: number }) {
  const shown = Math.min(place, MOST_WINDOWS);
  return (
    <div className={css.windows} aria-hidden="true">
      {Array.from({ length: shown }, (_, index) => (
        <span key={index} className={cx(css.window, index === shown - 1 && css.mine)} />
      ))}
    </div>
  );
}

function Connection() {
  const t = useT();
  const status = useLiveStatus("patient");
  const online = useOnline();
  const words =
    !online || status === "connecting"
      ? "patient.queue.reconnecting"
      : status === "blocked"
        ? "patient.queue.polling"
        : "patient.queue.live";
  return (
    <p className={css.connection}>
      <Icon name={words === "patient.queue.live" ? "check" : "refresh"} size={20} />
      {t(words)}
    </p>
  );
}

/** The place as one big calm number, why it changed, and about how long it takes. */
export function Place({ ticket }: { ticket: Ticket }) {
  const t = useT();
  const format = useFormat();
  const passed = usePassed(ticket.place);
  // Under "wait" and after it, where the sentence that stands alone elsewhere would say it twice.
  const wait =
    ticket.wait.kind === "unknown" ? t("patient.queue.wait_unknown") : format.wait(ticket.wait);
  const resting = useResting(ticket.not_before);
  // While a place rests after a missed call it is kept, but it is not the next one.
  const place = resting ? null : ticket.place;
  const status =
    place === null
      ? t("patient.queue.saved")
      : place === 1
        ? t("patient.queue.status_next", { wait })
        : t("patient.queue.status", { place, wait });
  const rest =
    resting && ticket.not_before
      ? t("patient.queue.resting", {
          arrived: format.time(ticket.arrived_at),
          time: format.time(ticket.not_before),
        })
      : null;
  const why = rest
    ? `${t("patient.queue.resting_title")}. ${rest}`
    : passed
      ? t("patient.queue.passed")
      : ticket.requeued && t("patient.queue.requeued");
  const said = useCalm(why ? `${why} ${status}` : status);
  const where = t("patient.queue.in_queue", {
    profession: ticket.profession,
    clinic: ticket.clinic_name,
  });
  return (
    <section className={css.place} aria-labelledby="place">
      <div className={css.inside}>
        <h1 id="place" tabIndex={-1} data-page-heading="" className={css.heading}>
          {place === null && t("patient.queue.saved")}
          {place !== null && t(place === 1 ? "patient.queue.next" : "patient.queue.you_are")}
          {place !== null && <span className={css.number}>{place}</span>}
          <span className={css.where}>{where}</span>
        </h1>
        <div role="status" className="visually-hidden">
          {said}
        </div>
        {place !== null && <Windows place={place} />}
        {place !== null && (
          <dl className={css.wait}>
            <dt>{t("patient.queue.wait")}</dt>
            <dd>{wait}</dd>
          </dl>
        )}
        {rest && (
          <Notice tone="warn" icon="clock" title={t("patient.queue.resting_title")}>
            {rest}
          </Notice>
        )}
        {!resting && ticket.requeued && <Notice tone="info">{t("patient.queue.requeued")}</Notice>}
        {passed && !resting && (
          <Notice tone="info" icon="swap">
            {t("patient.queue.passed")}
          </Notice>
        )}
        <Connection />
      </div>
    </section>
  );
}
