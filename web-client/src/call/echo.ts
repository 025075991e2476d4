/** An echo: one's own sound and picture, by way of the server that a visit uses, and back. */
import type { Publish } from "../wire/generated";
import type { Live } from "../wire/socket";
import { Peer } from "./peer";
import { codeOf } from "./view";

export interface EchoEvents {
  /** Media flows; `stream` is what comes back. */
  connected(stream: MediaStream): void;
  /** `media`: nothing comes through; `socket`: the socket is gone; `server`: it takes no test now. */
  failed(why: EchoFailure): void;
}

export type EchoFailure = "media" | "socket" | "server";

export interface Echo {
  readonly stats: () => Promise<RTCStatsReport | null>;
  readonly close: () => void;
}

/** Nothing has come through for so long: whoever waits longer than this for a picture gives up. */
const PATIENCE_MS = 15_000;

/** `most`: the most to send of the picture; without, what a call between two would. */
export function openEcho(
  live: Pick<Live, "emit">,
  own: MediaStream,
  events: EchoEvents,
  most: Publish | null = null,
): Echo {
  let peer: Peer | null = null;
  let checkId: string | null = null;
  let over = false;
  let coming: MediaStream | null = null;

  const close = (): void => {
    over = true;
    clearTimeout(patience);
    peer?.close();
    peer = null;
    if (checkId !== null) {
      // The server ends it anyway, with the socket or after two minutes.
      void live.emit("check.leave", { check_id: checkId }).catch(() => undefined);
      checkId = null;
    }
  };
  const fail = (why: EchoFailure): void => {
    if (over) return;
    close();
    events.failed(why);
  };
  const patience = setTimeout(() => fail("media"), PATIENCE_MS);

  const join = async (): Promise<void> => {
    const joined = await live.emit("check.join", {});
    checkId = joined.check_id;
    if (over) {
      close();
      return;
    }
    peer = new Peer(
      {
        link: (link) => {
          if (over) return;
          if (link === "failed") fail("media");
          if (link !== "connected" || coming === null) return;
          clearTimeout(patience);
          events.connected(coming);
        },
        remote: (slots) => {
          coming = slots[0] ?? null;
        },
      },
      {
        audio: own.getAudioTracks()[0] ?? null,
        video: own.getVideoTracks()[0] ?? null,
        screen: null,
      },
      joined.ice_servers,
    );
    if (most !== null) peer.publish(most, true);
    const sdp = await peer.answer(joined.sdp);
    await live.emit("check.answer", { check_id: joined.check_id, sdp });
  };
  join().catch((error: unknown) => {
    const code = codeOf(error);
    fail(code.startsWith("call.") || code.startsWith("server.") ? "server" : "socket");
  });
  return { stats: () => peer?.stats() ?? Promise.resolve(null), close };
}
