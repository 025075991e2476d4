import { type PointerEvent, useEffect, useRef, useState } from "react";
import { useT } from "../../i18n";
import { cx, Icon } from "../../ui";
import type { TileLook } from "./crowd/plan";
import css from "./OwnPicture.module.css";

const CORNERS = ["bottomEnd", "bottomStart", "topStart", "topEnd"] as const;
type Corner = (typeof CORNERS)[number];

interface Drag {
  readonly x: number;
  readonly y: number;
  readonly moved: boolean;
}

/** Which corner of the stage a point is in; `start` is where reading starts. */
function cornerAt(x: number, y: number, box: DOMRect, rightToLeft: boolean): Corner {
  const end = x > box.x + box.width / 2 !== rightToLeft;
  const bottom = y > box.y + box.height / 2;
  if (bottom) return end ? "bottomEnd" : "bottomStart";
  return end ? "topEnd" : "topStart";
}

interface Props {
  stream: MediaStream | null;
  /** Among the others' pictures it has its place, and is not moved about. */
  docked: TileLook | null;
}

/** Oneself, mirrored as one is used to. Dragged with a finger, or moved on by pressing it. */
export function OwnPicture({ stream, docked }: Props) {
  const t = useT();
  const video = useRef<HTMLVideoElement>(null);
  const [corner, setCorner] = useState<Corner>("bottomEnd");
  const [drag, setDrag] = useState<Drag | null>(null);
  const from = useRef<{ x: number; y: number } | null>(null);
  const dragged = useRef(false);

  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    element.srcObject = stream;
    // Muted video may always play; a refusal means that the page is not on the screen.
    if (stream !== null) element.play().catch(() => undefined);
  }, [stream]);

  const down = (event: PointerEvent<HTMLButtonElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, y: event.clientY };
    dragged.current = false;
  };
  const move = (event: PointerEvent<HTMLButtonElement>): void => {
    if (from.current === null) return;
    const x = event.clientX - from.current.x;
    const y = event.clientY - from.current.y;
    // A hand that presses trembles: that is still a press.
    if (!dragged.current && Math.hypot(x, y) < 8) return;
    dragged.current = true;
    setDrag({ x, y, moved: true });
  };
  const up = (event: PointerEvent<HTMLButtonElement>): void => {
    const box = event.currentTarget.parentElement?.parentElement?.getBoundingClientRect();
    if (dragged.current && box !== undefined) {
      const rightToLeft = getComputedStyle(event.currentTarget).direction === "rtl";
      setCorner(cornerAt(event.clientX, event.clientY, box, rightToLeft));
    }
    from.current = null;
    setDrag(null);
  };
  const pressed = (): void => {
    // The click that ends a drag is not a press.
    if (dragged.current) {
      dragged.current = false;
      return;
    }
    setCorner((now) => CORNERS[(CORNERS.indexOf(now) + 1) % CORNERS.length] ?? "bottomEnd");
  };

  return (
    <div
      className={cx(css.own, docked ? docked.className : css[corner], drag !== null && css.dragged)}
      style={
        docked ? docked.style : drag === null ? undefined : { translate: `${drag.x}px ${drag.y}px` }
      }
    >
      <video
        ref={video}
        data-own=""
        className={cx(css.video, stream === null && css.dark)}
        muted
        autoPlay
        playsInline
      />
      {stream === null && (
        <span className={css.off}>
          <Icon name="videoOff" size={28} />
          {t("visit.own.off")}
        </span>
      )}
      {docked ? (
        <span className={css.you}>{t("visit.own.you")}</span>
      ) : (
        <button
          type="button"
          className={css.move}
          aria-label={t("visit.own.move")}
          onPointerDown={down}
          onPointerMove={move}
          onPointerUp={up}
          onPointerCancel={up}
          onClick={pressed}
        />
      )}
    </div>
  );
}
