import { type ReactNode, useState, useSyncExternalStore } from "react";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { chime } from "../../media/chime";
import {
  Button,
  Card,
  ConfirmDialog,
  cx,
  Dialog,
  Icon,
  Notice,
  RadioCards,
  useErrorWords,
} from "../../ui";
import { useAction } from "../../wire/hooks";
import type { ApiError } from "../../wire/problem";
import { api } from "../../wire/rest";
import type { Channel, Ticket } from "../../wire/types";
import { CommunicationDialog } from "../needs/CommunicationDialog";
import { ICON } from "../needs/icon";
import { rememberNeed } from "../needs/remembered";
import { useSession } from "../../app/current";
import css from "./Meanwhile.module.css";
import { TestDialog } from "./TestDialog";

interface Props {
  ticket: Ticket;
  onChanged: (ticket: Ticket) => void;
}

function Problem({ error }: { error: ApiError | null }) {
  const errorWords = useErrorWords();
  if (!error) return null;
  const { title, text } = errorWords(error);
  return (
    <Notice tone="danger" live="assertive" title={title}>
      {text}
    </Notice>
  );
}

/** A browser plays nothing until the page has been touched: after a reload that must be said. */
function Sound() {
  const t = useT();
  const ready = useSyncExternalStore(chime.subscribe, chime.isReady);
  if (!ready) {
    return (
      <Notice
        tone="warn"
        icon="bellOff"
        actions={
          <Button icon="bell" onClick={() => void chime.unlock().then(() => chime.play())}>
            {t("patient.queue.sound_on")}
          </Button>
        }
      >
        {t("patient.queue.sound_off")}
      </Notice>
    );
  }
  return (
    <Notice
      tone="ok"
      icon="bell"
      actions={
        <Button kind="secondary" size="small" icon="play" onClick={() => chime.play()}>
          {t("patient.queue.sound_test")}
        </Button>
      }
    >
      {t("patient.queue.sound_ready")}
    </Notice>
  );
}

function ChannelDialog({ ticket, onChanged, onClose }: Props & { onClose: () => void }) {
  const t = useT();
  const [channel, setChannel] = useState<Channel>(ticket.channel);
  const save = useAction(
    (wanted: Channel, key) =>
      api.put(`/api/v1/patient/queue-tickets/${ticket.id}/channel`, { channel: wanted }, { key }),
    {
      onSuccess: (after) => {
        onChanged(after);
        onClose();
      },
    },
  );
  return (
    <Dialog
      open
      onClose={onClose}
      title={t("patient.queue.channel_title")}
      actions={
        <Button busy={save.busy} onClick={() => save.run(channel)}>
          {t("patient.queue.channel_save")}
        </Button>
      }
    >
      <p>{t("patient.queue.channel_kept")}</p>
      <RadioCards
        legend={t("patient.queue.channel_title")}
        legendHidden
        name="channel"
        value={channel}
        onChange={setChannel}
        options={[
          { value: "video", label: t("common.channel.video"), icon: "video" },
          { value: "chat", label: t("common.channel.chat"), icon: "chat" },
        ]}
      />
      <Problem error={save.error} />
    </Dialog>
  );
}

function Needs({ ticket, onChanged, onClose }: Props & { onClose: () => void }) {
  const person = useSession("patient").data?.account.id ?? "";
  return (
    <CommunicationDialog
      now={ticket.communication}
      send={(communication, key) =>
        api.put(
          `/api/v1/patient/queue-tickets/${ticket.id}/communication`,
          { communication },
          { key },
        )
      }
      onSaved={(after, communication) => {
        rememberNeed(person, communication);
        onChanged(after);
      }}
      onClose={onClose}
    />
  );
}

function Leave({ ticket, onChanged }: Props) {
  const t = useT();
  const [asking, setAsking] = useState(false);
  const leave = useAction(
    (_: null, key) => api.post(`/api/v1/patient/queue-tickets/${ticket.id}/leave`, {}, { key }),
    { onSuccess: onChanged },
  );
  return (
    <>
      <Button kind="quiet" icon="leave" onClick={() => setAsking(true)}>
        {t("patient.queue.leave")}
      </Button>
      <ConfirmDialog
        open={asking}
        title={t("patient.queue.leave_title")}
        text={
          <>
            <p>{t("patient.queue.leave_text")}</p>
            <Problem error={leave.error} />
          </>
        }
        confirm={t("patient.queue.leave_confirm")}
        cancel={t("patient.queue.leave_cancel")}
        onConfirm={() => leave.run(null)}
        onCancel={() => setAsking(false)}
        busy={leave.busy}
        danger
      />
    </>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={css.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** More than this, and the way to leave the queue would be far down. */
const LONG = 280;

function Reason({ text }: { text: string }) {
  const t = useT();
  const [whole, setWhole] = useState(false);
  const long = text.length > LONG;
  return (
    <div>
      <p className={cx(css.reason, long && !whole && css.clamped)}>{text}</p>
      {long && (
        <Button kind="quiet" size="small" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {t(whole ? "patient.queue.reason_less" : "patient.queue.reason_more")}
        </Button>
      )}
    </div>
  );
}

/** Under the number: sound, what one has told, and what can be done while one waits. */
export function Meanwhile({ ticket, onChanged }: Props) {
  const t = useT();
  const format = useFormat();
  const [dialog, setDialog] = useState<"channel" | "check" | "needs" | null>(null);
  const close = () => setDialog(null);
  const how = ticket.communication;
  return (
    <div className={css.all}>
      {how === "speech" ? (
        <Sound />
      ) : (
        <Notice tone="ok" icon={ICON[how]}>
          {t("patient.queue.shown")}
        </Notice>
      )}
      <p className={css.kept}>{t("patient.queue.kept")}</p>
      <Card as="section" labelledBy="case" className={css.case}>
        <h2 id="case">{t("patient.queue.your_case")}</h2>
        <Reason text={ticket.reason} />
        <dl className={css.facts}>
          <Fact label={t("patient.queue.channel")}>
            <Icon name={ticket.channel} />
            {t(`common.channel.${ticket.channel}`)}
            <Button kind="quiet" size="small" onClick={() => setDialog("channel")}>
              {t("patient.queue.channel_change")}
            </Button>
          </Fact>
          <Fact label={t("patient.queue.needs")}>
            <Icon name={how === "speech" ? "mic" : ICON[how]} />
            {t(`needs.${how}`)}
            <Button
              kind="quiet"
              size="small"
              aria-label={`${t("needs.change")}: ${t("needs.title")}`}
              onClick={() => setDialog("needs")}
            >
              {t("needs.change")}
            </Button>
          </Fact>
        </dl>
        <p className={css.quiet}>
          {t("patient.queue.arrived", { time: format.time(ticket.arrived_at) })}
        </p>
      </Card>
      <div className={css.actions}>
        {ticket.channel === "video" && (
          <Button kind="secondary" icon="settings" onClick={() => setDialog("check")}>
            {t("patient.queue.test")}
          </Button>
        )}
        <Leave ticket={ticket} onChanged={onChanged} />
      </div>
      {dialog === "channel" && (
        <ChannelDialog ticket={ticket} onChanged={onChanged} onClose={close} />
      )}
      {dialog === "needs" && <Needs ticket={ticket} onChanged={onChanged} onClose={close} />}
      <TestDialog
        key={ticket.id}
        open={dialog === "check"}
        ticketId={ticket.id}
        onChanged={onChanged}
        onClose={close}
      />
    </div>
  );
}
