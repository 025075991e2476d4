import { useEffect } from "react";

/** Keeps the screen lit during a call: a phone that dims and locks takes the camera with it. */
export function useAwake(on: boolean): void {
  useEffect(() => {
    // Absent in older browsers, whatever the types say.
    const wake = navigator.wakeLock as WakeLock | undefined;
    if (!on || wake === undefined) return undefined;
    let lock: WakeLockSentinel | null = null;
    let done = false;
    const take = (): void => {
      if (document.visibilityState !== "visible") return;
      wake.request("screen").then(
        (taken) => {
          if (done) void taken.release();
          else lock = taken;
        },
        // Low battery, say: the call goes on as the phone likes.
        () => undefined,
      );
    };
    take();
    // The browser lets go by itself whenever the page is hidden.
    document.addEventListener("visibilitychange", take);
    return () => {
      done = true;
      document.removeEventListener("visibilitychange", take);
      void lock?.release();
    };
  }, [on]);
}
