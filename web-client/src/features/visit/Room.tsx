import { type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useAnnounce } from "../../app/announce";
import { later } from "../../app/later";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { Button, cx, Icon } from "../../ui";
import type { Audience, Visit } from "../../wire/types";
import { ChatPanel } from "../chat/ChatPanel";
import type { Chat } from "../chat/usePost";
import { ModeBanner } from "./ModeBanner";
import { otherOf, roleOf } from "./people";
import { CommunicationDialog } from "../needs/CommunicationDialog";
import { NeedsBar } from "../needs/NeedsBar";
import { needsOf } from "../needs/needs";
import { rememberNeed } from "../needs/remembered";
import { useFlash } from "../needs/useFlash";
import { useSession } from "../../app/current";
import { api } from "../../wire/rest";
import css from "./Room.module.css";
import { TopBar } from "./TopBar";
import { type Call, isOpen } from "./useCall";
import { useAwake } from "./useAwake";
import { useGuestsNews } from "./useGuestsNews";
import { useSides } from "./useSides";
import { useUnread } from "./useUnread";
import { useKeepVisit } from "./useVisit";
import { VideoSide } from "./VideoSide";

interface Props {
  audience: Audience;
  visit: Visit;
  call: Call;
  chat: Chat;
  peerOnline: boolean | null;
  aside: ReactNode;
  /** Light up for what came, as for a patient who signs or reads. */
  flash: boolean;
  entering: boolean;
  onEnter: () => void;
  onLeave: () => void;
}

/** Dark where faces are; where people read and write, the page is as light as any other. */
const DARK = { "data-theme": "dark" };

/** Fetched when it is opened, or when there is somebody beside the two. */
const People = later(async () => (await import("./guests")).People, "people");

const HEADING = "[data-page-heading]";

/** The room itself: stage, conversation, and staff's own panel beside them. */
export function Room(props: Props) {
  const { audience, visit, call, chat, aside } = props;
  const t = useT();
  const announce = useAnnounce();
  const frame = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const role = roleOf(audience);
  const hasAside = aside !== undefined && aside !== null;
  const inChat = visit.mode === "chat";
  // While she is called, who receives reads of her instead.
  const texts = visit.communication !== "speech" && visit.state === "in_progress";
  const sides = useSides(hasAside, inChat, texts);
  const { reset } = sides;

  const other = otherOf(audience, visit, t);
  const { name, about } = other;
  const reader = useMemo(() => ({ role, other: name }), [role, name]);
  usePageTitle(t("visit.title", { name }));
  const unread = useUnread(chat, reader, sides.chatOpen);
  const live = call.view.state.phase === "live";
  useAwake(live);
  const guests = useGuestsNews(audience, visit.id);
  const [people, setPeople] = useState(false);
  const [waiting, setWaiting] = useState(0);
  const mine = role === "patient" && visit.communication !== "speech";
  const [asksNeeds, setAsksNeeds] = useState(false);
  const lit = useFlash(unread.heard === null ? null : unread.heard + waiting, mine || props.flash);
  const needs = needsOf({
    seating: call.view.seating,
    patient: { name: role === "patient" ? null : name, communication: visit.communication },
    chat: true,
  });

  const focus = (what: string): void =>
    frame.current?.querySelector<HTMLElement>(what)?.focus({ preventScroll: true });

  // The patient came in, or chat took over: what had the focus may be gone from the page.
  const stand = `${visit.state} ${visit.mode}`;
  const stood = useRef(stand);
  useEffect(() => {
    if (stood.current === stand) return;
    stood.current = stand;
    if (document.activeElement === document.body) focus(HEADING);
  }, [stand]);

  // The call has started: the heading says with whom, unless the person is writing just then.
  const told = useRef(false);
  useEffect(() => {
    if (!live || told.current) return;
    told.current = true;
    announce(t("visit.live.announce", { name, role: about }));
    if (document.activeElement instanceof HTMLTextAreaElement) return;
    focus(HEADING);
  }, [about, announce, live, name, t]);

  const [asked, setAsked] = useState(false);
  const modeBefore = useRef(visit.mode);
  useEffect(() => {
    if (modeBefore.current === visit.mode) return;
    modeBefore.current = visit.mode;
    told.current = false;
    reset();
    const byOther = visit.mode === "video" && visit.mode_by !== role;
    setAsked(byOther);
    if (visit.mode !== "video") return;
    announce(byOther ? t("visit.video.asked.other", { name }) : t("visit.video.asked.you"));
  }, [announce, name, reset, role, t, visit.mode, visit.mode_by]);

  const toggleChat = (): void => {
    // After the panel is there: writing is what one opened it for.
    if (sides.toggle("chat")) requestAnimationFrame(() => field.current?.focus());
  };
  const togglePanel = (): void => {
    if (sides.toggle("aside")) requestAnimationFrame(() => focus("[data-side=aside] h2"));
  };
  /** Whoever was in a panel that closes stands again at the button that opened it. */
  const shut = (): void => {
    const within = document.activeElement?.closest<HTMLElement>("[data-side]")?.dataset["side"];
    sides.close();
    if (within) focus(`[data-opens=${within}]`);
  };
  const dark = inChat ? {} : DARK;

  return (
    <div
      ref={frame}
      className={cx(css.room, inChat && css.inChat, audience === "patient" && css.whole)}
      data-room={inChat ? "chat" : "video"}
      data-flash={lit || undefined}
      onKeyDown={(event) => {
        const over = !sides.beside && (sides.asideOpen || (sides.chatOpen && !inChat));
        if (event.key !== "Escape" || event.defaultPrevented || !over) return;
        shut();
      }}
    >
      <div className={css.top} {...dark}>
        <TopBar
          other={other}
          view={call.view}
          theOther={role === "patient" ? "clinician" : "patient"}
          since={visit.state === "in_progress" ? visit.joined_at : null}
          language={audience === "patient"}
          {...(inChat ? { onLeave: props.onLeave } : {})}
          {...(inChat && hasAside && !sides.beside
            ? { onPanel: togglePanel, panel: sides.asideOpen }
            : {})}
        />
        <NeedsBar needs={needs}>
          {mine && visit.state === "in_progress" && (
            <Button kind="secondary" size="small" onClick={() => setAsksNeeds(true)}>
              {t("needs.change")}
            </Button>
          )}
        </NeedsBar>
      </div>
      {asksNeeds && <Needs visit={visit} onClose={() => setAsksNeeds(false)} />}
      {(guests.version > 0 || people) && (
        <Suspense fallback={null}>
          <People
            audience={audience}
            visit={visit}
            seating={call.view.seating}
            live={live}
            own={call.view.advice.line.word}
            told={guests.version}
            away={guests.away}
            open={people}
            onOpen={() => setPeople(true)}
            onClose={() => setPeople(false)}
            onWaiting={setWaiting}
          />
        </Suspense>
      )}
      <main className={css.body} id="main">
        {!inChat && (
          <div className={css.stageBox} {...DARK}>
            <VideoSide
              audience={audience}
              visit={visit}
              other={other}
              call={call}
              peerOnline={props.peerOnline}
              asked={asked}
              entering={props.entering}
              sides={sides}
              hasAside={hasAside}
              unread={unread}
              frame={frame}
              className={css.video ?? ""}
              waiting={waiting}
              onPeople={() => setPeople(true)}
              onNeeds={
                role === "patient" && visit.state === "in_progress"
                  ? () => setAsksNeeds(true)
                  : null
              }
              onChat={toggleChat}
              onPanel={togglePanel}
              onEnter={props.onEnter}
              onLeave={props.onLeave}
            />
          </div>
        )}
        <section
          className={css.chatBox}
          data-side="chat"
          aria-label={t("visit.chat.title")}
          hidden={!sides.chatOpen}
          {...dark}
        >
          {inChat ? (
            <ModeBanner
              audience={audience}
              visit={visit}
              name={name}
              entering={props.entering}
              onEnter={props.onEnter}
              poor={call.view.advice.last.word !== "good"}
              onCamera={() => call.engine.tell({ type: "want", camera: true })}
            />
          ) : (
            <div className={css.panelHead}>
              <h2>{t("visit.chat.title")}</h2>
              <button
                type="button"
                className={css.close}
                aria-label={t("visit.chat.close")}
                onClick={shut}
              >
                <Icon name="cross" />
              </button>
            </div>
          )}
          <ChatPanel
            chat={chat}
            reader={reader}
            closed={!isOpen(visit)}
            visible={sides.chatOpen}
            field={field}
          />
        </section>
        {hasAside && (
          <aside
            className={css.asideBox}
            data-side="aside"
            hidden={!sides.asideOpen}
            aria-label={t("visit.panel")}
          >
            {!sides.beside && (
              <div className={css.panelHead}>
                <h2 tabIndex={-1}>{t("visit.panel")}</h2>
                <button
                  type="button"
                  className={css.close}
                  aria-label={t("visit.panel.close")}
                  onClick={shut}
                >
                  <Icon name="cross" />
                </button>
              </div>
            )}
            {aside}
          </aside>
        )}
      </main>
    </div>
  );
}

/** The patient says anew how she talks best, in the middle of the visit. */
function Needs({ visit, onClose }: { visit: Visit; onClose: () => void }) {
  const keep = useKeepVisit("patient");
  const person = useSession("patient").data?.account.id ?? "";
  return (
    <CommunicationDialog
      now={visit.communication}
      send={(communication, key) =>
        api.put(`/api/v1/patient/visits/${visit.id}/communication`, { communication }, { key })
      }
      onSaved={(after, communication) => {
        rememberNeed(person, communication);
        keep(after);
      }}
      onClose={onClose}
    />
  );
}
