import { useState } from "react";
import { useLiveEvent, useWatch } from "../../wire/hooks";
import type { Audience, Visit } from "../../wire/types";
import type { Chat } from "../chat/usePost";
import { roleOf } from "./people";
import type { Call } from "./useCall";

/**
 * Keeps the room true to the server: who is there, and how far the chat has come. Returns whether the other is online, or null when nothing has been heard.
 */
export function usePresence(
  audience: Audience,
  visit: Visit,
  chat: Chat,
  { engine, view }: Call,
): boolean | null {
  const [online, setOnline] = useState<boolean | null>(null);
  // Who has not been here yet has not lost anything: gone is only who was seen.
  const hear = (now: boolean): void =>
    setOnline((before) => (before === null && !now ? null : now));
  useLiveEvent(audience, "presence.changed", (hint) => {
    if (hint.visit_id === visit.id && hint.role !== roleOf(audience)) hear(hint.online);
  });
  useLiveEvent(audience, "visit.changed", (hint) => {
    if (hint.visit_id === visit.id) chat.post.hear(hint.last_seq);
  });
  useWatch(audience, {
    // The visit itself is in the heartbeat already; without a socket the chat polls for itself.
    onSync: (answer) => {
      const ours = answer?.visits.find((one) => one.visit_id === visit.id);
      if (ours === undefined) return;
      hear(ours.peer_online);
      chat.post.hear(ours.last_seq);
      const { peer } = view.state;
      if (peer !== null && peer.joined !== ours.peer_in_call) {
        engine.tell({ type: "peer", peer: { ...peer, joined: ours.peer_in_call } });
      }
    },
  });
  return online;
}
