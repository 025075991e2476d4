import type { ReactNode } from "react";
import { useT } from "../../i18n";
import { Button, Icon, PermissionHelp } from "../../ui";
import { Holding } from "../visit/Holding";
import type { Call } from "../visit/useCall";
import css from "../visit/Stage.module.css";

export type GuestScene =
  | "explaining"
  | "asking"
  | "connecting"
  | "replaced"
  | "no_media"
  | "chat"
  | "alone"
  | "holding"
  | "people";

interface Props {
  scene: GuestScene;
  /** Who receives. */
  name: string;
  call: Call;
  onResume: () => void;
}

/** What stands where the others will be. */
export function GuestStage({ scene, name, call, onResume }: Props) {
  const t = useT();
  const { engine, view } = call;
  const words = (title: string, text?: string, more?: ReactNode) => (
    <div className={css.words}>
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {more}
    </div>
  );
  const again = (): void => {
    engine.tell({ type: "stop" });
    void engine.start();
  };
  switch (scene) {
    case "explaining":
      return (
        <div className={`${css.words ?? ""} ${css.explain ?? ""}`}>
          <span className={css.pair} aria-hidden="true">
            <Icon name="video" size={44} />
            <Icon name="mic" size={44} />
          </span>
          <h2>{t("visit.explain.title")}</h2>
          <p>{t("guest.explain.text")}</p>
          {/* Not sound only: before the call nobody knows whether that would leave somebody out. */}
          <div className={css.choices}>
            <Button size="large" onClick={() => engine.tell({ type: "explained" })}>
              {t("visit.explain.go")}
            </Button>
          </div>
        </div>
      );
    case "asking":
      return words(t("visit.asking.title"), t("visit.asking.text"));
    case "connecting":
      return words(
        t("guest.connecting.title"),
        t("visit.connecting.text"),
        <span className={css.lamp} aria-hidden="true" />,
      );
    case "holding":
      return <Holding onResume={onResume} />;
    case "alone":
      return words(t("guest.alone.title"), t("guest.alone.text"));
    case "chat":
      return words(t("guest.chat.title"), t("guest.chat.text", { name }));
    case "replaced":
      return words(
        t("visit.replaced.title"),
        t("guest.replaced.text"),
        <Button onClick={() => engine.tell({ type: "take_over" })}>
          {t("visit.replaced.here")}
        </Button>,
      );
    case "no_media": {
      const { reason } = view.state;
      const denied = reason === "permission_denied";
      return words(
        t("guest.no_media.title"),
        denied
          ? undefined
          : t(reason === "no_device" ? "guest.no_media.device" : "guest.no_media.text"),
        <>
          {denied && <PermissionHelp device="both" />}
          <Button icon="refresh" onClick={again}>
            {t("common.retry")}
          </Button>
        </>,
      );
    }
    case "people":
      return null;
  }
}
