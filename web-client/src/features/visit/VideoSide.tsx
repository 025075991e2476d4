import { type RefObject, useCallback, useMemo, useState } from "react";
import { inCall, sending } from "../../call/model";
import { canShare } from "../../call/screen";
import { chosenDevices } from "../../media/chosen";
import { useT } from "../../i18n";
import { Icon } from "../../ui";
import type { Audience, Visit } from "../../wire/types";
import { needsOf } from "../needs/needs";
import { Controls } from "./Controls";
import { DevicesDialog } from "./DevicesDialog";
import { Faces } from "./Faces";
import { Peek } from "./Peek";
import type { Person } from "./people";
import { sceneOf } from "./scene";
import { isCrowd, othersIn } from "./seated";
import { Stage } from "./Stage";
import css from "./Stage.module.css";
import { StageNotices } from "./StageNotices";
import type { Call } from "./useCall";
import { useFullscreen } from "./useFullscreen";
import { useHold } from "./useHold";
import { useMedia } from "./useMedia";
import { useShortcuts, useShortcutsOn } from "./useShortcuts";
import type { Sides } from "./useSides";
import type { Unread } from "./useUnread";
import { viewerOf } from "./viewer";

interface Props {
  audience: Audience;
  visit: Visit;
  other: Person;
  call: Call;
  peerOnline: boolean | null;
  /** The other has just asked for video. */
  asked: boolean;
  entering: boolean;
  sides: Sides;
  hasAside: boolean;
  unread: Unread;
  frame: RefObject<HTMLElement | null>;
  className: string;
  /** How many wait to be let in. */
  waiting: number;
  onPeople: () => void;
  /** Says anew whether one signs or reads; null for who has nothing to say of it. */
  onNeeds: (() => void) | null;
  onChat: () => void;
  onPanel: () => void;
  onEnter: () => void;
  onLeave: () => void;
}

/** The stage with the faces, and the controls below it, which never cover anything. */
export function VideoSide(props: Props) {
  const { audience, visit, other, peerOnline, sides } = props;
  const { engine, view } = props.call;
  const { state } = view;
  const t = useT();
  const fullscreen = useFullscreen(props.frame);
  const narrow = useMedia(props.hasAside ? "(max-width: 110rem)" : "(max-width: 48rem)");
  const [keysOn, setKeysOn] = useShortcutsOn();
  const [devices, setDevices] = useState(false);
  const [own, setOwn] = useState(true);
  const tight = useMedia("(max-width: 48rem)");
  const [speaker, setSpeaker] = useState("");

  const viewer = useMemo(() => viewerOf(audience, visit), [audience, visit]);
  const crowd = isCrowd(viewer, view.seating);
  const scene = sceneOf({ audience, visit, call: view, peerOnline, crowd });
  // Sound alone is an offer only where it leaves nobody out.
  const patient = { name: null, communication: visit.communication };
  const sound = needsOf({ seating: view.seating, patient, chat: false }).length === 0;
  const on = sending(state);
  const calling = inCall(state.phase);
  const seat = crowd ? null : (othersIn(view.seating)[0]?.seat ?? null);
  const otherMuted = state.peer?.joined === true && !state.peer.micOn;

  const mic = useCallback(() => engine.tell({ type: "want", mic: !on.mic }), [engine, on.mic]);
  const camera = useCallback(
    () => engine.tell({ type: "want", camera: !on.camera }),
    [engine, on.camera],
  );
  const hold = useHold(engine, state.onHold);
  useShortcuts(
    keysOn && calling && !state.onHold,
    useMemo(() => ({ m: mic, v: camera }), [mic, camera]),
  );
  const preferChat = (): void => engine.tell({ type: "prefer_chat" });
  const pictureOff = (): void => engine.tell({ type: "want", camera: false });
  const pick = (kind: "mic" | "camera" | "speaker", id: string): void => {
    if (kind === "speaker") {
      chosenDevices.set({ speaker: id });
      setSpeaker(id);
    } else {
      void engine.pick(kind, id);
    }
  };

  return (
    <section className={props.className} aria-label={t("visit.with", { name: other.name })}>
      <div className={css.stage}>
        {calling && (
          <Faces
            viewer={viewer}
            call={props.call}
            name={other.name}
            shown={scene === "picture"}
            own={own}
            cameraOn={on.camera}
            speaker={speaker}
          />
        )}
        {scene !== "picture" && (
          // On a small screen these words may have to be scrolled, also without a mouse.
          <div className={css.cover} role="group" aria-label={other.name} tabIndex={0}>
            <Stage
              scene={scene}
              audience={audience}
              visit={visit}
              other={other}
              otherMuted={otherMuted}
              seat={seat}
              asked={props.asked}
              entering={props.entering}
              onEnter={props.onEnter}
              onAllow={() => engine.tell({ type: "explained" })}
              onSoundOnly={
                sound
                  ? () => {
                      pictureOff();
                      engine.tell({ type: "explained" });
                    }
                  : null
              }
              onChat={preferChat}
              onTakeOver={() => engine.tell({ type: "take_over" })}
              onResume={hold}
            />
          </div>
        )}
        <div className={css.low}>
          <div role="status">
            {seat?.pictures_wanted === false && seat.on_hold_since === null && (
              <p className={css.muted}>
                <Icon name="videoOff" size={20} />
                {t("visit.no_pictures", { name: other.name })}
              </p>
            )}
            {scene === "picture" && otherMuted && !crowd && (
              <p className={css.muted}>
                <Icon name="micOff" size={20} />
                {t("visit.muted", { name: other.name })}
              </p>
            )}
          </div>
          <Peek unread={props.unread} onOpen={props.onChat} />
        </div>
        <StageNotices
          audience={audience}
          call={props.call}
          name={other.name}
          sendsPicture={on.camera && sound}
          onChat={preferChat}
          onStopSharing={() => engine.share()}
          onNoticeRead={() => engine.tell({ type: "notice_read" })}
        />
      </div>
      <Controls
        set={{
          mic: on.mic,
          camera: on.camera,
          own,
          sharing: canShare() ? on.screen : null,
          voice: view.voice,
          chat: sides.chatOpen,
          unread: props.unread.count,
          people: visit.state === "in_progress" ? props.waiting : null,
          panel: props.hasAside && !sides.all ? sides.asideOpen : null,
          fullscreen: fullscreen.possible ? fullscreen.on : null,
          inCall: calling,
          onHold: state.onHold,
          keysOn,
          narrow,
          tight,
        }}
        act={{
          mic,
          camera,
          own: () => setOwn(!own),
          share: () => engine.share(),
          hold,
          chat: props.onChat,
          panel: props.onPanel,
          people: props.onPeople,
          devices: () => setDevices(true),
          fullscreen: fullscreen.toggle,
          text: preferChat,
          leave: props.onLeave,
        }}
      />
      <DevicesDialog
        open={devices}
        view={view}
        keysOn={keysOn}
        onKeys={setKeysOn}
        onPick={pick}
        onNeeds={
          props.onNeeds === null
            ? null
            : () => {
                setDevices(false);
                props.onNeeds?.();
              }
        }
        onClose={() => setDevices(false)}
      />
    </section>
  );
}
