import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { type Translate, useT } from "../../../i18n";
import { type Format, useFormat } from "../../../i18n/format";
import {
  Button,
  Card,
  type IconName,
  Notice,
  Spinner,
  StatusPill,
  type Tone,
  VisuallyHidden,
} from "../../../ui";
import { keys } from "../../../wire/keys";
import { api } from "../../../wire/rest";
import type { PersonCall, Visit } from "../../../wire/types";
import css from "./CallQuality.module.css";

/** What was measured is written down when the connections have closed, a moment after the end. */
const SETTLES_MS = 3_000;

const LOOK: Record<PersonCall["word"], { tone: Tone | "neutral"; icon: IconName }> = {
  good: { tone: "ok", icon: "check" },
  weak: { tone: "warn", icon: "globe" },
  bad: { tone: "warn", icon: "offline" },
  unknown: { tone: "neutral", icon: "info" },
};

/** How the call worked for each who was in it: words first, the figures for who asks for them. */
export function CallQuality({ visit }: { visit: Visit }) {
  const t = useT();
  const settled = useSettled(visit.ended_at);
  const call = useQuery({
    queryKey: keys.callQuality(visit.id),
    queryFn: ({ signal }) => api.get(`/api/v1/staff/visits/${visit.id}/call-quality`, { signal }),
    enabled: settled && visit.patient !== null,
    // Of a call that is over nothing changes, and each look is a line in the patient's access log.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const people = call.data?.people;
  // Without a care relation it is no longer the clinician's to see.
  if (visit.patient === null) return null;
  return (
    <Card as="section" padding="tight" labelledBy="call-quality">
      <h2 id="call-quality" className={css.title}>
        {t("staff.call.title")}
      </h2>
      {people === undefined ? (
        call.isError ? (
          <Notice tone="warn" live="polite">
            <p>{t("staff.call.failed")}</p>
            <Button
              size="small"
              kind="secondary"
              icon="refresh"
              busy={call.isFetching}
              onClick={() => void call.refetch()}
            >
              {t("common.retry")}
            </Button>
          </Notice>
        ) : (
          <Spinner label={t("staff.call.wait")} />
        )
      ) : people.length === 0 ? (
        <p className={css.soft}>{t("staff.call.none")}</p>
      ) : (
        <ul className={css.people}>
          {people.map((person) => (
            <Person
              key={`${person.role} ${String(person.number)}`}
              person={person}
              patient={visit.patient?.name ?? ""}
            />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Person({ person, patient }: { person: PersonCall; patient: string }) {
  const t = useT();
  const format = useFormat();
  const { tone, icon } = LOOK[person.word];
  const name = nameOf(person, patient, t);
  const [first, second] = person.transports;
  const short = [
    format.lasted(person.seconds),
    first !== undefined && t(`staff.call.${second === undefined ? first : "both"}`),
    t("staff.call.interruptions", { count: person.interruptions }),
  ].filter((part) => part !== false);
  return (
    <li className={css.person}>
      <div className={css.words}>
        <h3 className={css.name}>{name}</h3>
        <StatusPill tone={tone} icon={icon}>
          {t(`staff.call.${person.word}`)}
        </StatusPill>
      </div>
      <p className={css.short}>{short.join(" · ")}</p>
      {person.unmeasured > 0 && (
        <p className={css.soft}>{t("staff.call.unmeasured", { count: person.unmeasured })}</p>
      )}
      {person.unmeasured < person.connections && (
        <details className={css.more}>
          <summary>
            {t("staff.call.figures")}
            <VisuallyHidden>{` ${name}`}</VisuallyHidden>
          </summary>
          <Figures person={person} />
        </details>
      )}
    </li>
  );
}

function Figures({ person }: { person: PersonCall }) {
  const t = useT();
  const format = useFormat();
  const measures = measuresIn(t, format);
  const ways = (up: string, down: string): string => t("staff.call.ways", { up, down });
  const { percent, milliseconds, kilobits } = measures;
  return (
    <dl className={css.figures}>
      <Figure term={t("staff.call.loss")}>
        {ways(percent(person.loss_up), percent(person.loss_down))}
      </Figure>
      <Figure term={t("staff.call.round_trip")}>
        {person.round_trip_p50_ms === null
          ? t("staff.call.missing")
          : t("staff.call.round_trip.value", {
              usual: milliseconds(person.round_trip_p50_ms),
              longest: milliseconds(person.round_trip_p95_ms),
            })}
      </Figure>
      <Figure term={t("staff.call.jitter")}>
        {ways(milliseconds(person.jitter_up_ms), milliseconds(person.jitter_down_ms))}
      </Figure>
      <Figure term={t("staff.call.bitrate")}>
        {ways(kilobits(person.bitrate_up), kilobits(person.bitrate_down))}
      </Figure>
      <Figure term={t("staff.call.connections")}>{format.number(person.connections)}</Figure>
      <Figure term={t("staff.call.restarts")}>{format.number(person.restarts)}</Figure>
    </dl>
  );
}

function Figure({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function measuresIn(t: Translate, format: Format) {
  const as =
    (unit: "percent" | "milliseconds" | "kilobits", per: number, digits: number) =>
    (value: number | null): string =>
      value === null
        ? t("staff.call.missing")
        : t(`staff.call.${unit}`, { value: format.number(Number((value * per).toFixed(digits))) });
  return {
    percent: as("percent", 100, 1),
    milliseconds: as("milliseconds", 1, 0),
    kilobits: as("kilobits", 0.001, 0),
  };
}

function nameOf({ role, number }: PersonCall, patient: string, t: Translate): string {
  if (role === "patient") return patient;
  if (role === "clinician") return t("staff.call.you");
  const word = t(`staff.call.${role}`);
  return number === null ? word : t("staff.call.numbered", { role: word, number });
}

/** False until what the end of the visit set going is over. */
function useSettled(endedAt: string | null): boolean {
  // The device's clock may be wrong; nobody waits longer than this for that.
  const left = (): number =>
    endedAt === null
      ? SETTLES_MS
      : Math.min(SETTLES_MS, Math.max(0, Date.parse(endedAt) + SETTLES_MS - Date.now()));
  const [wait] = useState(left);
  const [over, setOver] = useState(wait === 0);
  useEffect(() => {
    if (wait === 0) return;
    const timer = setTimeout(() => setOver(true), wait);
    return () => clearTimeout(timer);
  }, [wait]);
  return over;
}
