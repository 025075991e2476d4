import { useEffect, useState, useSyncExternalStore } from "react";
import { api } from "../../wire/rest";
import { getSocket } from "../../wire/socket";
import type { Audience } from "../../wire/types";
import { Outbox } from "./outbox";
import { Post, type ChatView } from "./post";

const PAGE = 200;

export interface Chat {
  readonly post: Post;
  readonly outbox: Outbox;
  readonly view: ChatView;
}

/** The conversation of one visit, open for as long as the component is on the page. */
export function usePost(audience: Audience, visitId: string): Chat {
  const [{ post, outbox }] = useState(() => {
    const path = `/api/v1/${audience}/visits/${visitId}/messages` as const;
    const outbox = new Outbox(audience, visitId);
    const post = new Post(
      visitId,
      {
        live: getSocket(audience),
        fetch: (after) => api.get(path, { params: { after, limit: PAGE } }),
        // The same id twice over: the server's key against repeats and the message's own.
        send: (clientId, body) => api.post(path, { client_id: clientId, body }, { key: clientId }),
      },
      outbox,
    );
    return { post, outbox };
  });
  useEffect(() => post.open(), [post]);
  const view = useSyncExternalStore(post.subscribe, post.snapshot);
  return { post, outbox, view };
}
