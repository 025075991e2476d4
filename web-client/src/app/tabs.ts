import type { Audience } from "../wire/types";
import { forget } from "./current";

const CHANNEL = "vardrum.logout";

/** Tells the browser's other tabs that the person has logged out. */
export function tellOtherTabs(audience: Audience): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(audience);
  channel.close();
}

/**
 * A tab that is left open must not show a patient to the next person at the screen: when another
 * tab logs out, this one forgets too, and begins again with nothing in its memory.
 */
export function listenForLogout(): void {
  new BroadcastChannel(CHANNEL).addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const audience = data === "staff" ? "staff" : "patient";
    const here = location.pathname.startsWith("/personal") ? "staff" : "patient";
    forget(audience);
    void import("./traces").then(({ forgetTraces }) => {
      forgetTraces(audience);
      if (audience === here) location.replace(here === "staff" ? "/personal" : "/");
    });
  });
}
