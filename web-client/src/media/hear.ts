import { chosenDevices } from "./chosen";

type SinkContext = AudioContext & { setSinkId?: (id: string) => Promise<void> };

/** Seconds. Listening and playing never overlap, so nothing howls. */
const LENGTH = 3;

/** Takes in three seconds of the stream, then plays them; `onPlaying` when it begins to play. */
export function hearLater(
  stream: MediaStream,
  onPlaying: () => void,
  onDone: () => void,
): () => void {
  const context: SinkContext = new AudioContext();
  const source = context.createMediaStreamSource(stream);
  const delay = context.createDelay(LENGTH);
  delay.delayTime.value = LENGTH;
  source.connect(delay).connect(context.destination);
  const { speaker } = chosenDevices.get();
  if (speaker) void context.setSinkId?.(speaker).catch(() => undefined);
  void context.resume();
  const playing = setTimeout(() => {
    // Deaf from here on: what the loudspeaker says would come back once more.
    source.disconnect();
    onPlaying();
  }, LENGTH * 1_000);
  const stop = (): void => {
    clearTimeout(playing);
    clearTimeout(done);
    // Once over it may be stopped again, when the page is left.
    if (context.state !== "closed") void context.close();
  };
  const done = setTimeout(
    () => {
      stop();
      onDone();
    },
    2 * LENGTH * 1_000,
  );
  return stop;
}
