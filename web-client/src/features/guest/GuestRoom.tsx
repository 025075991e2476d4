import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useAnnounce } from "../../app/announce";
import { usePageTitle } from "../../app/page";
import { inCall, sending } from "../../call/model";
import { useT } from "../../i18n";
import { chosenDevices } from "../../media/chosen";
import { ConfirmDialog } from "../../ui";
import { useAction } from "../../wire/hooks";
import { api } from "../../wire/rest";
import type { GuestVisit } from "../../wire/types";
import { NeedsBar } from "../needs/NeedsBar";
import { needsOf } from "../needs/needs";
import { Controls } from "../visit/Controls";
import { DevicesDialog } from "../visit/DevicesDialog";
import { Faces } from "../visit/Faces";
import room from "../visit/Room.module.css";
import stage from "../visit/Stage.module.css";
import { StageNotices } from "../visit/StageNotices";
import { TopBar } from "../visit/TopBar";
import { useAwake } from "../visit/useAwake";
import { useFullscreen } from "../visit/useFullscreen";
import { useHold } from "../visit/useHold";
import { useMedia } from "../visit/useMedia";
import { useShortcuts, useShortcutsOn } from "../visit/useShortcuts";
import { partOf, type Viewer } from "../visit/viewer";
import { GuestStage } from "./GuestStage";
import { guestSceneOf } from "./scene";
import { useGuestCall } from "./useGuestCall";

interface Props {
  visit: GuestVisit;
  onMoved: (visit: GuestVisit) => void;
}

/** A guest gets everybody by the name that the call knows them by, and what they are there as. */
const GUEST: Omit<Viewer, "hears"> = {
  theOther: null,
  careful: false,
  describe: (seat, t) => ({ name: seat.name, about: partOf(seat, t) }),
};

/** The call as a guest is in it: faces and controls; no chat, and nothing of what is written down. */
export function GuestRoom({ visit, onMoved }: Props) {
  const t = useT();
  const announce = useAnnounce();
  const frame = useRef<HTMLDivElement>(null);
  const call = useGuestCall(visit);
  const { engine, view } = call;
  const hears = visit.communication === "speech";
  const viewer = useMemo<Viewer>(() => ({ ...GUEST, hears }), [hears]);
  const { state } = view;
  const fullscreen = useFullscreen(frame);
  const narrow = useMedia("(max-width: 48rem)");
  const [keysOn, setKeysOn] = useShortcutsOn();
  const [devices, setDevices] = useState(false);
  const [own, setOwn] = useState(true);
  const [speaker, setSpeaker] = useState("");
  const [asking, setAsking] = useState(false);
  const leave = useAction(
    (_input: null, key) => api.post("/api/v1/guest/visit/leave", {}, { key }),
    { onSuccess: onMoved },
  );
  const name = visit.clinician_name;
  usePageTitle(t("visit.title", { name }), "room");
  const live = state.phase === "live";
  useAwake(live);
  const told = useRef(false);
  useEffect(() => {
    if (!live || told.current) return;
    told.current = true;
    announce(t("guest.live"));
  }, [announce, live, t]);

  const scene = guestSceneOf({ visit, call: view });
  const needs = needsOf({
    seating: view.seating,
    patient: null,
    own: visit.communication,
    chat: false,
  });
  const sound = needs.length === 0;
  const on = sending(state);
  const calling = inCall(state.phase);
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

  return (
    <div
      ref={frame}
      className={`${room.room ?? ""} ${room.whole ?? ""}`}
      data-room="video"
      data-theme="dark"
    >
      {/* One row of the room, whether somebody signs or not: the stage has the other. */}
      <div className={room.top}>
        <TopBar
          other={{
            name,
            about: `${t(`common.profession.${visit.profession}`)}, ${visit.clinic_name}`,
          }}
          view={view}
          theOther={null}
          since={null}
          language
        />
        <NeedsBar needs={needs} />
      </div>
      <main className={room.body} id="main">
        <div className={room.stageBox}>
          <section className={room.video} aria-label={t("visit.with", { name })}>
            <div className={stage.stage}>
              {calling && (
                <Faces
                  viewer={viewer}
                  call={call}
                  name={name}
                  shown={false}
                  own={own}
                  cameraOn={on.camera}
                  speaker={speaker}
                />
              )}
              {scene !== "people" && (
                <div className={stage.cover} role="group" aria-label={name} tabIndex={0}>
                  <GuestStage scene={scene} name={name} call={call} onResume={hold} />
                </div>
              )}
              <StageNotices
                audience="guest"
                call={call}
                name={name}
                sendsPicture={on.camera && sound}
                onChat={null}
                onStopSharing={() => engine.share()}
                onNoticeRead={() => engine.tell({ type: "notice_read" })}
              />
            </div>
            <Controls
              set={{
                mic: on.mic,
                camera: on.camera,
                own,
                sharing: null,
                voice: view.voice,
                chat: false,
                unread: 0,
                panel: null,
                people: null,
                fullscreen: fullscreen.possible ? fullscreen.on : null,
                inCall: calling,
                onHold: state.onHold,
                keysOn,
                narrow,
                tight: narrow,
              }}
              act={{
                mic,
                camera,
                own: () => setOwn(!own),
                share: () => engine.share(),
                hold,
                chat: null,
                panel: () => undefined,
                people: () => undefined,
                devices: () => setDevices(true),
                fullscreen: fullscreen.toggle,
                text: null,
                leave: () => setAsking(true),
              }}
            />
          </section>
        </div>
      </main>
      <DevicesDialog
        open={devices}
        view={view}
        keysOn={keysOn}
        onKeys={setKeysOn}
        onPick={(kind, id) => {
          if (kind !== "speaker") void engine.pick(kind, id);
          else {
            chosenDevices.set({ speaker: id });
            setSpeaker(id);
          }
        }}
        onNeeds={null}
        onClose={() => setDevices(false)}
      />
      <ConfirmDialog
        open={asking}
        title={t("guest.leave.title")}
        text={<p>{t("guest.leave.text")}</p>}
        confirm={t("guest.leave.yes")}
        cancel={t("visit.leave.no")}
        danger
        busy={leave.busy}
        onConfirm={() => leave.run(null)}
        onCancel={() => setAsking(false)}
      />
    </div>
  );
}
