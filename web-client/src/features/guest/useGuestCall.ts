import { useEffect, useState, useSyncExternalStore } from "react";
import { CallEngine } from "../../call/engine";
import { getSocket } from "../../wire/socket";
import type { GuestVisit } from "../../wire/types";
import type { Call } from "../visit/useCall";

/** The guest's call: on as long as the two whose visit it is meet by video. */
export function useGuestCall(visit: GuestVisit): Call {
  const [engine] = useState(
    () =>
      new CallEngine(visit.visit_id, {
        live: getSocket("guest"),
        chat: false,
        pictures: visit.communication !== "speech",
        // A guest takes no part in the chat: the page says that the picture did not come through.
        goChat: () => Promise.resolve(),
      }),
  );
  useEffect(() => engine.open(), [engine]);
  const view = useSyncExternalStore(engine.subscribe, engine.snapshot);
  const how = visit.communication;
  useEffect(() => engine.communicates(how), [engine, how]);
  const wanted = visit.visit_state === "in_progress" && visit.mode === "video";
  useEffect(() => {
    if (wanted) void engine.start();
    else engine.tell({ type: "stop" });
  }, [engine, wanted, visit.version]);
  return { engine, view };
}
