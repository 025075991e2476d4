import { Suspense, useEffect, useMemo, useRef, useState } from "react";
import { later } from "../../app/later";
import { useT } from "../../i18n";
import { Button, cx } from "../../ui";
import type { Seat } from "../../wire/generated";
import type { Plan } from "./crowd/plan";
import css from "./Faces.module.css";
import { OwnPicture } from "./OwnPicture";
import { RemoteVideo } from "./RemoteVideo";
import { isCrowd, isHeld, othersIn } from "./seated";
import type { Call } from "./useCall";
import type { Viewer } from "./viewer";

/** Only calls of more than two need it, and those who may become so fetch it ahead. */
const Director = later(async () => (await import("./crowd")).Director, "people");
const AHEAD_MS = 3_000;

/** A clinician must see what is shown to the side; a patient is glad of a face that fills. */
const KEPT_FOR_STAFF = 0.8;
const KEPT_FOR_PATIENT = 0.5;

interface Props {
  viewer: Viewer;
  call: Call;
  /** The one whom the visit is with. */
  name: string;
  /** Their picture is to be seen; asked only while nobody else is there. */
  shown: boolean;
  own: boolean;
  cameraOn: boolean;
  speaker: string;
}

/** Somebody's picture comes, as far as it depends on them. */
function isSeen(seat: Seat | null): boolean {
  return seat !== null && seat.camera_on && seat.on_hold_since === null;
}

/**
 * Everybody's picture and sound. Each slot has an element of its own for as long as somebody sits
 * in it, wherever on the stage it is: so nothing stops when people come, go and change places.
 */
export function Faces(props: Props) {
  const { viewer, call, name, own, cameraOn, speaker } = props;
  const { engine, view } = call;
  const { seating, slots } = view;
  const t = useT();
  const others = useMemo(() => othersIn(seating), [seating]);
  const crowd = isCrowd(viewer, seating);
  const [met, setMet] = useState(false);
  if (crowd && !met) setMet(true);
  const [plan, setPlan] = useState<Plan | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [heldBack, setHeldBack] = useState(false);

  useEffect(() => {
    // The network may be gone when a third person comes.
    const timer = setTimeout(() => void Director.ahead(), AHEAD_MS);
    return () => clearTimeout(timer);
  }, []);

  const start = (): void => {
    const videos = [...(frame.current?.querySelectorAll("video") ?? [])];
    void Promise.all(videos.map((video) => video.play())).then(
      () => setHeldBack(false),
      () => undefined,
    );
  };
  const kept = viewer.careful ? KEPT_FOR_STAFF : KEPT_FOR_PATIENT;
  const seats = others.length > 0 ? others : [{ id: null, slot: 0, seat: null }];
  const screen = seating?.screen ?? null;
  // One's own link is too thin for pictures, or one wants none: what stands still is no picture.
  const off = view.state.spared.pictures;
  const held = crowd && (off || seating?.pictures_held === true);
  const screenLook = plan?.tile("screen");

  return (
    <>
      {met && (
        <Suspense fallback={null}>
          <Director
            engine={engine}
            view={view}
            viewer={viewer}
            crowd={crowd}
            own={own}
            onPlan={setPlan}
          />
        </Suspense>
      )}
      <div
        ref={frame}
        data-held={held || undefined}
        className={cx(css.faces, crowd && !plan && css.unplanned, plan?.className)}
        style={plan?.style}
      >
        {seats.map(({ id, slot, seat }) => {
          const look = id === null ? null : plan?.tile(id);
          return (
            <figure key={slot} className={cx(css.tile, look?.className)} style={look?.style}>
              <RemoteVideo
                stream={slots[slot] ?? view.remote}
                label={look?.label ?? t("visit.remote.label", { name })}
                who={id}
                shown={crowd ? isSeen(seat) && !off && !isHeld(seating, seat) : props.shown}
                kept={kept}
                speaker={speaker}
                onHeldBack={setHeldBack}
              />
              {look?.inside}
            </figure>
          );
        })}
        {screen !== null && (
          <figure
            key="screen"
            className={cx(css.tile, screenLook?.className)}
            style={screenLook?.style}
          >
            <RemoteVideo
              stream={view.screen}
              label={screenLook?.label ?? ""}
              who={screen}
              shown
              kept={1}
              speaker={speaker}
              onHeldBack={setHeldBack}
            />
            {screenLook?.inside}
          </figure>
        )}
        {own && (
          <OwnPicture stream={cameraOn ? view.own : null} docked={plan?.tile("own") ?? null} />
        )}
      </div>
      {heldBack && (
        <div className={css.heldBack} role="alert">
          <p>{t("visit.sound.title")}</p>
          <Button icon="speaker" onClick={start}>
            {t("visit.sound.start")}
          </Button>
        </div>
      )}
    </>
  );
}
