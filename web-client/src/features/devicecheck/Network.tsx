import { useEffect, useRef } from "react";
import { useT } from "../../i18n";
import { useFormat } from "../../i18n/format";
import { Button, Notice, Spinner, type Tone } from "../../ui";
import css from "./DeviceCheck.module.css";
import type { Measured } from "./network";
import type { EchoState } from "./useEcho";

const TONE: Record<Measured["network"], Tone> = { good: "ok", weak: "warn", bad: "warn" };

interface Props {
  echo: EchoState;
  onAgain: () => void;
}

/** The picture that came back, and a verdict in words with its numbers. */
export function Network({ echo: { stream, result }, onAgain }: Props) {
  const t = useT();
  return (
    <>
      {stream !== null && <Back stream={stream} />}
      <div role="status">
        {result === null && <Spinner label={t("patient.check.network_testing")} />}
        {result === "media" && (
          <Notice tone="warn" icon="chat" title={t("patient.check.network_blocked")}>
            {t("patient.check.network_media")}
          </Notice>
        )}
        {result === "socket" && (
          <Notice tone="warn" icon="chat" title={t("patient.check.network_blocked")}>
            {t("patient.check.network_socket")}
          </Notice>
        )}
        {result === "server" && (
          <Notice tone="info" title={t("patient.check.network_untested")}>
            {t("patient.check.network_server")}
          </Notice>
        )}
        {result !== null && typeof result !== "string" && (
          <Notice tone={TONE[result.network]} title={t(`patient.check.network_${result.network}`)}>
            {t(`patient.check.network_${result.network}_text`)}
          </Notice>
        )}
      </div>
      {result !== null && typeof result !== "string" && <Numbers measured={result} />}
      {result !== null && (
        <Button kind="secondary" icon="refresh" onClick={onAgain}>
          {t("patient.check.network_again")}
        </Button>
      )}
    </>
  );
}

/** Muted here: what comes back is heard when the person asks for it, or it would howl. */
function Back({ stream }: { stream: MediaStream }) {
  const t = useT();
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return (
    <figure className={css.back}>
      <video
        ref={video}
        className={css.returned}
        autoPlay
        muted
        playsInline
        aria-label={t("patient.check.returned")}
      />
      <figcaption className={css.quiet}>{t("patient.check.returned")}</figcaption>
    </figure>
  );
}

function Numbers({ measured }: { measured: Measured }) {
  const t = useT();
  const format = useFormat();
  const { round_trip_ms: trip, loss_percent: loss, up_kbps: up, down_kbps: down } = measured;
  return (
    <dl className={css.numbers}>
      {trip !== null && (
        <div>
          <dt>{t("patient.check.round_trip")}</dt>
          <dd>{t("patient.check.ms", { value: format.number(trip) })}</dd>
        </div>
      )}
      <div>
        <dt>{t("patient.check.loss")}</dt>
        <dd>{t("patient.check.percent", { value: format.number(loss) })}</dd>
      </div>
      <div>
        <dt>{t("patient.check.up")}</dt>
        <dd>{t("patient.check.kbps", { value: format.number(up) })}</dd>
      </div>
      <div>
        <dt>{t("patient.check.down")}</dt>
        <dd>{t("patient.check.kbps", { value: format.number(down) })}</dd>
      </div>
      {measured.transport !== null && (
        <div>
          <dt>{t("patient.check.transport")}</dt>
          <dd>{t(`patient.check.transport_${measured.transport}`)}</dd>
        </div>
      )}
    </dl>
  );
}
