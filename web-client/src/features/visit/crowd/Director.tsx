import { type CSSProperties, useLayoutEffect, useMemo, useState } from "react";
import type { CallEngine } from "../../../call/engine";
import type { CallView } from "../../../call/view";
import { useT } from "../../../i18n";
import { Button, cx } from "../../../ui";
import { isHeld, othersIn } from "../seated";
import type { Viewer } from "../viewer";
import { arrange, type Layout, SCREEN, storedLayout, storeLayout } from "./arrange";
import css from "./Crowd.module.css";
import { LayoutDialog } from "./LayoutDialog";
import type { Plan, TileLook } from "./plan";
import type { Somebody } from "./somebody";
import { signerOf } from "./signer";
import { PersonTile, ScreenTile } from "./Tile";
import { useComings } from "./useComings";
import { useVoices } from "./useVoices";

interface Props {
  engine: CallEngine;
  view: CallView;
  viewer: Viewer;
  /** There is more than one to see; otherwise the stage is as ever, and only comings are told. */
  crowd: boolean;
  /** One's own picture is on the stage. */
  own: boolean;
  onPlan: (plan: Plan | null) => void;
}

const OWN = "own";

/** Figures for the style sheet, which can count no places. */
function vars(figures: Readonly<Record<string, number>>): CSSProperties {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`--${name}`, value]));
}

/** Decides who is where when there is more than one to see, and tells who comes and goes. */
export function Director(props: Props) {
  const { engine, view, viewer, crowd, own, onPlan } = props;
  const t = useT();
  const { seating } = view;
  const people = useMemo(
    () =>
      othersIn(seating).map((other): Somebody => {
        const { name, about } = viewer.describe(other.seat, t);
        return { ...other, name, role: about };
      }),
    [seating, t, viewer],
  );
  const said = useComings(people, viewer, crowd);
  const [layout, setLayout] = useState(storedLayout);
  const [pinned, setPinned] = useState<string | null>(null);
  const [choosing, setChoosing] = useState(false);
  const signer = signerOf(people, viewer.hears);
  const heard = useVoices(engine.levels, people, signer);

  const off = view.state.spared.pictures;
  const held = crowd && !off && seating?.pictures_held === true;
  const sharer = seating?.screen ?? null;
  const screenOf =
    sharer === null ? null : (people.find(({ id }) => id === sharer)?.name ?? t("people.someone"));
  const { shape, main, beside } = arrange(
    { layout, pinned },
    {
      people: people.map(({ id }) => id),
      screen: sharer !== null,
      speaker: heard.speaker,
      signer,
    },
  );

  const plan = useMemo<Plan | null>(() => {
    if (!crowd) return null;
    const keys = [
      ...(screenOf === null ? [] : [SCREEN]),
      ...people.map(({ id }) => id),
      ...(own && shape !== "pip" ? [OWN] : []),
    ];
    const small = keys.filter((key) => key !== main && key !== beside);
    const inside = (key: string): Pick<TileLook, "label" | "inside"> | null => {
      const pin = { pinned: pinned === key, onPin: () => setPinned(pinned === key ? null : key) };
      if (key === SCREEN) {
        return screenOf === null
          ? null
          : {
              label: t("people.screen.label", { name: screenOf }),
              inside: <ScreenTile name={screenOf} {...pin} />,
            };
      }
      const one = people.find(({ id }) => id === key);
      if (one === undefined) return key === OWN ? { label: "", inside: null } : null;
      const { name, role, seat } = one;
      return {
        label: t("visit.remote.label", { name }),
        inside: (
          <PersonTile
            name={name}
            role={role}
            seat={seat}
            held={isHeld(seating, seat)}
            off={off}
            talking={heard.talking.includes(key)}
            {...pin}
          />
        ),
      };
    };
    return {
      className: cx(
        css.stage,
        css[shape],
        beside !== null && css.pair,
        beside !== null && small.length === 0 && css.whole,
        keys.length <= 2 && css.two,
        keys.length > 4 && css.many,
      ),
      style: vars({
        small: Math.max(1, small.length),
        columns: Math.min(3, Math.max(1, small.length)),
      }),
      tile: (key) => {
        const found = keys.includes(key) ? inside(key) : null;
        if (found === null) return null;
        const place =
          shape === "grid"
            ? css.cell
            : key === main
              ? css.main
              : key === beside
                ? css.beside
                : css.small;
        const at = small.indexOf(key);
        return {
          ...found,
          className: cx(css.tile, place),
          style: vars({ at, along: at % 2, down: Math.floor(at / 2) }),
        };
      },
    };
  }, [beside, crowd, heard.talking, main, off, own, people, pinned, screenOf, seating, shape, t]);

  // Before it is painted: nobody is to be seen in two places, or in none.
  useLayoutEffect(() => onPlan(plan), [onPlan, plan]);
  useLayoutEffect(() => () => onPlan(null), [onPlan]);

  const choose = (chosen: Layout): void => {
    setLayout(chosen);
    storeLayout(chosen);
  };
  return (
    <>
      {crowd && (
        <div className={css.choose}>
          <Button
            kind="secondary"
            size="small"
            icon="layout"
            aria-haspopup="dialog"
            onClick={() => setChoosing(true)}
          >
            <span className={css.word}>{t("people.layout")}</span>
          </Button>
        </div>
      )}
      <div role="status">{held && <p className={css.held}>{t("people.held")}</p>}</div>
      {said !== null && (
        <p className={css.said} aria-hidden="true">
          {said}
        </p>
      )}
      <LayoutDialog
        open={choosing}
        layout={layout}
        pinned={pinned}
        people={people}
        screenOf={screenOf}
        onLayout={choose}
        onPin={setPinned}
        onClose={() => setChoosing(false)}
      />
    </>
  );
}
