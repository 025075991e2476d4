import { type FormEvent, useRef, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { isProfession } from "../../app/clinics";
import { NotFound } from "../../app/NotFound";
import { useSession } from "../../app/current";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import {
  Button,
  Column,
  ErrorState,
  Loading,
  Notice,
  PageHeading,
  RadioCards,
  TextArea,
} from "../../ui";
import { toApiError } from "../../wire/problem";
import type { Channel, Clinic, Service } from "../../wire/types";
import { CommunicationCards } from "../needs/CommunicationCards";
import { rememberNeed, rememberedNeed } from "../needs/remembered";
import { type Draft, useDraft } from "./draft";
import css from "./AskPage.module.css";
import { JoinProblem } from "./JoinProblem";
import { useJoin, useOffer } from "./useJoin";

const MAX = 2000;

interface Address {
  clinic: string;
  profession: string;
}

interface QuestionProps {
  clinic: Clinic;
  service: Service;
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  drop: () => void;
}

function Closed({ clinic, service }: { clinic: Clinic; service: Service }) {
  const t = useT();
  const format = useFormat();
  if (service.open) return null;
  return (
    <Notice
      tone="warn"
      icon="clock"
      title={t("patient.service.closed", { clinic: clinic.name, profession: service.profession })}
    >
      {service.next_opening
        ? t("patient.join.closed", { time: format.moment(service.next_opening) })
        : t("patient.join.closed_unknown")}
    </Notice>
  );
}

function useAbove(clinic: Clinic, service: Service, now: number): string {
  const t = useT();
  const profession = t(`common.profession.${service.profession}`);
  const step = t("patient.step", { now, of: 3 });
  return `${t("patient.with", { profession, clinic: clinic.name })} · ${step}`;
}

function ReasonQuestion({ clinic, service, draft, change }: QuestionProps) {
  const t = useT();
  const [, go] = useLocation();
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  usePageTitle(t("patient.reason.title"));
  const length = draft.reason.trim().length;
  const problem =
    length === 0 ? t("patient.reason.missing") : length > MAX ? t("patient.reason.too_long") : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problem) form.current?.querySelector("textarea")?.focus();
    else go(`/traffa/${clinic.id}/${service.profession}?fraga=2`);
  };
  return (
    <Column
      back={{ href: "/traffa", label: t("common.back") }}
      above={useAbove(clinic, service, 1)}
    >
      <PageHeading>{t("patient.reason.title")}</PageHeading>
      <Closed clinic={clinic} service={service} />
      <form ref={form} className={css.form} onSubmit={submit} noValidate>
        <TextArea
          label={t("patient.reason.label")}
          hint={t("patient.reason.hint")}
          name="reason"
          rows={7}
          counter={MAX}
          value={draft.reason}
          onChange={(event) => change({ reason: event.target.value })}
          error={tried ? problem : null}
        />
        <p className={css.quiet}>{t("patient.reason.kept")}</p>
        <Button type="submit" size="large" iconAfter="forward">
          {t("common.continue")}
        </Button>
      </form>
    </Column>
  );
}

function ChannelQuestion({ clinic, service, draft, change, drop }: QuestionProps) {
  const t = useT();
  const [, go] = useLocation();
  const join = useJoin(clinic.id, service.profession, drop);
  usePageTitle(t("patient.channel.title"));
  const here = `/traffa/${clinic.id}/${service.profession}`;
  const channel: Channel = draft.channel ?? "video";
  const person = useSession("patient").data?.account.id ?? "";
  const communication = draft.communication ?? rememberedNeed(person);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change({ channel, communication });
    rememberNeed(person, communication);
    if (channel === "video") go(`${here}/utrustning`);
    else join.run({ reason: draft.reason, channel, communication });
  };
  return (
    <Column back={{ href: here, label: t("common.back") }} above={useAbove(clinic, service, 2)}>
      <PageHeading>{t("patient.channel.title")}</PageHeading>
      <form className={css.form} onSubmit={submit}>
        <RadioCards
          legend={t("patient.channel.title")}
          legendHidden
          name="channel"
          value={channel}
          onChange={(value) => change({ channel: value })}
          options={[
            {
              value: "video",
              label: t("common.channel.video"),
              about: t(
                communication === "speech"
                  ? "patient.channel.video_about"
                  : "patient.channel.video_seen",
              ),
              icon: "video",
            },
            {
              value: "chat",
              label: t("common.channel.chat"),
              about: t("patient.channel.chat_about"),
              icon: "chat",
            },
          ]}
        />
        <p className={css.quiet}>{t("patient.channel.both")}</p>
        <CommunicationCards
          legend={t("needs.title")}
          value={communication}
          onChange={(value) => change({ communication: value })}
        />
        <JoinProblem error={join.error} />
        <Button type="submit" size="large" busy={join.busy} iconAfter="forward">
          {t(channel === "video" ? "common.continue" : "patient.join")}
        </Button>
      </form>
    </Column>
  );
}

/** One question a page; what has been answered is kept over a reload and the back button. */
export function AskPage({ clinic: clinicId, profession }: Address) {
  const offer = useOffer(clinicId, profession);
  const [draft, change, drop] = useDraft(clinicId, profession);
  const [params] = useSearchParams();
  if (!isProfession(profession)) return <NotFound />;
  if (!offer.loaded) {
    if (!offer.error) return <Loading />;
    return (
      <ErrorState
        heading="h1"
        error={toApiError(offer.error)}
        onRetry={() => void offer.refetch()}
      />
    );
  }
  const { clinic, service } = offer;
  if (!clinic || !service) return <NotFound />;
  const second = params.get("fraga") === "2" && draft.reason.trim() !== "";
  const Question = second ? ChannelQuestion : ReasonQuestion;
  return (
    <Question
      key={String(second)}
      clinic={clinic}
      service={service}
      draft={draft}
      change={change}
      drop={drop}
    />
  );
}
