import { useEffect } from "react";
import type { Audience } from "../wire/types";
import { forget } from "./current";
import { forgetTraces } from "./traces";

const CHANNEL = "vardrum.logout";

/** Tells the browser's other tabs that the person has logged out. */
export function tellOtherTabs(audience: Audience): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(audience);
  channel.close();
}

function heard(audience: Audience): void {
  const here = location.pathname.startsWith("/personal") ? "staff" : "patient";
  forget(audience);
  forgetTraces(audience);
  if (audience === here) location.replace(here === "staff" ? "/personal" : "/");
}

/**
 * A tab that is left open must not show a patient to the next person at the screen: when another
 * tab logs out, this one forgets too, and begins again with nothing in its memory.
 */
export function useLogoutElsewhere(): void {
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = ({ data }: MessageEvent<Audience>) => heard(data);
    return () => channel.close();
  }, []);
}
