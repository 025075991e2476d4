import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { canShare, OwnScreen, SETTLES_MS } from "./screen";

class Track extends EventTarget {
  contentHint = "";
  stopped = false;
  stop(): void {
    this.stopped = true;
  }
}

function shared(picked: () => Promise<MediaStream>) {
  const said: string[] = [];
  const screen = new OwnScreen(
    {
      changed: (track) => said.push(track === null ? "nothing" : "screen"),
      picked: () => said.push("picked"),
      ended: (notice) => said.push(`ended: ${notice ?? "by choice"}`),
    },
    () => picked,
  );
  return { screen, said };
}

const track = new Track();
const stream = { getVideoTracks: () => [track] } as unknown as MediaStream;
const picks = (): Promise<MediaStream> => Promise.resolve(stream);
const refuses = (name: string, message = ""): (() => Promise<MediaStream>) => {
  return () => Promise.reject(new DOMException(message, name));
};

describe("one's own screen", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    track.stopped = false;
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it("is sent for its letters, and ends from the browser's own bar", async () => {
    const { screen, said } = shared(picks);
    await screen.pick();
    expect(track.contentHint).toBe("detail");
    expect(said).toEqual(["screen", "picked"]);
    track.dispatchEvent(new Event("ended"));
    expect(said.at(-1)).toBe("ended: by choice");
    screen.stop();
    expect(track.stopped).toBe(true);
    expect(said.at(-1)).toBe("nothing");
    track.dispatchEvent(new Event("ended"));
    expect(said).toHaveLength(4);
  });

  it.each([
    ["NotAllowedError", "Permission denied by user", []],
    ["AbortError", "", []],
    ["NotAllowedError", "Permission denied by system", ["ended: screen_system"]],
    ["NotReadableError", "", ["ended: screen_failed"]],
  ])("says of %s (%s): %j", async (name, message, said) => {
    const refused = shared(refuses(name, message));
    await refused.screen.pick();
    expect(refused.said).toEqual(said);
  });

  it("is picked once, however often one presses", async () => {
    const { screen, said } = shared(picks);
    await Promise.all([screen.pick(), screen.pick()]);
    await screen.pick();
    expect(said).toEqual(["screen", "picked"]);
  });

  it("takes over from another without being ended by what was said before", async () => {
    const { screen, said } = shared(picks);
    screen.shown("other");
    await screen.pick();
    screen.shown("other");
    screen.told();
    screen.shown("other");
    screen.shown(null);
    vi.advanceTimersByTime(SETTLES_MS);
    expect(said).toEqual(["screen", "picked"]);
    screen.shown("other");
    expect(said.at(-1)).toBe("ended: screen_taken");
  });

  it("ends when another's is what is shown after all", async () => {
    const { screen, said } = shared(picks);
    await screen.pick();
    screen.told();
    screen.shown("other");
    expect(said).toHaveLength(2);
    vi.advanceTimersByTime(SETTLES_MS);
    expect(said.at(-1)).toBe("ended: screen_taken");
  });

  it("goes on over a new line, unless somebody shares there", async () => {
    const { screen, said } = shared(picks);
    await screen.pick();
    screen.told();
    vi.advanceTimersByTime(SETTLES_MS);
    screen.joined(null);
    expect(said).toHaveLength(2);
    screen.joined("other");
    expect(said.at(-1)).toBe("ended: screen_taken");
  });
});

describe("whether there is a screen to share", () => {
  it("is the browser's to say: phones have no such thing", () => {
    for (const [mediaDevices, can] of [
      [{ getDisplayMedia: picks }, true],
      [{}, false],
      [undefined, false],
    ] as const) {
      vi.stubGlobal("navigator", { mediaDevices });
      expect(canShare()).toBe(can);
    }
    vi.unstubAllGlobals();
  });
});
