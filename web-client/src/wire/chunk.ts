const TRIES = 20;
const PAUSE_MS = 1_000;

/** A style sheet that could not be fetched is not asked for again by the bundler: it is here. */
async function mendStyles(): Promise<void> {
  for (const link of document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")) {
    if (link.sheet) continue;
    const again = link.cloneNode() as HTMLLinkElement;
    await new Promise((resolve, reject) => {
      again.onload = resolve;
      again.onerror = reject;
      link.replaceWith(again);
    });
  }
}

/**
 * Fetches a part of the program. A lost network is waited out, so that the next page, the dialog
 * or the call comes when the network does. What is still missing then was taken away by a newer
 * release: that error is for `Crash`.
 */
export async function chunk<T>(load: () => Promise<T>): Promise<T> {
  let failed = false;
  for (let tries = TRIES; ; ) {
    try {
      if (failed) await mendStyles();
      return await load();
    } catch (error) {
      if (navigator.onLine) tries -= 1;
      if (!tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      failed = true;
    }
  }
}
