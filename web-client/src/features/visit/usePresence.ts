import { useState } from "react";
import { useLiveEvent, useWatch } from "../../wire/hooks";
import type { Audience, Visit } from "../../wire/types";
import type { Chat } from "../chat/usePost";
import { roleOf } from "./people";
import type { Call } from "./useCall";

/**
 * Keeps the room true to the server: who is there, how far the chat has come, which version the
 * visit has. Returns whether the other is online, or null when nothing has been heard.
 */
export function usePresence(
  audience: Audience,
  visit: Visit,
  chat: Chat,
  { engine, view }: Call,
  refetch: () => void,
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
    visits: () => [{ visit_id: visit.id, version: visit.version, last_seq: chat.view.thread.upTo }],
    onSync: (answer) => {
      // A blocked socket: the chat polls for itself, the visit is fetched here.
      if (answer === null) {
        refetch();
        return;
      }
      const ours = answer.visits.find((one) => one.visit_id === visit.id);
      if (ours === undefined) return;
      hear(ours.peer_online);
      chat.post.hear(ours.last_seq);
      if (ours.version !== visit.version) refetch();
      const { peer } = view.state;
      if (peer !== null && peer.joined !== ours.peer_in_call) {
        engine.tell({ type: "peer", peer: { ...peer, joined: ours.peer_in_call } });
      }
    },
  });
  return online;
}
