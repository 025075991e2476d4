export { useOnline } from "./online";

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { type ApiError, toApiError } from "./problem";
import { newKey } from "./rest";
import { getSocket, type Live, type LiveStatus, type Watch } from "./socket";
import type { LiveAudience, ServerEvents } from "./types";

/** Always calls the newest version of `fn`, without making effects run again. */
function useLatest<T>(value: T): { readonly current: T } {
  const ref = useRef(value);
  useEffect(() => {
    ref.current = value;
  });
  return ref;
}

/** Holds the live connection open while the component is on the page. */
export function useLive(audience: LiveAudience, wanted = true): Live {
  const live = getSocket(audience);
  useEffect(() => (wanted ? live.hold() : undefined), [live, wanted]);
  return live;
}

export function useLiveStatus(audience: LiveAudience): LiveStatus {
  const live = getSocket(audience);
  return useSyncExternalStore(live.subscribe, live.status);
}

/** Shorter breaks are not worth a word. */
const WORTH_A_WORD_MS = 5_000;

/** How the live connection stands, in no haste: `restoring` only after a while without it. */
export function useCalmStatus(audience: LiveAudience): "fine" | "restoring" | "blocked" {
  const status = useLiveStatus(audience);
  const broken = status === "connecting";
  const [long, setLong] = useState(false);
  useEffect(() => {
    if (!broken) return;
    const timer = setTimeout(() => setLong(true), WORTH_A_WORD_MS);
    return () => {
      clearTimeout(timer);
      setLong(false);
    };
  }, [broken]);
  if (status === "blocked") return "blocked";
  return broken && long ? "restoring" : "fine";
}

export function useLiveEvent<E extends keyof ServerEvents>(
  audience: LiveAudience,
  event: E,
  listener: (payload: ServerEvents[E]) => void,
): void {
  const latest = useLatest(listener);
  useEffect(
    () => getSocket(audience).on(event, (payload) => latest.current(payload)),
    [audience, event, latest],
  );
}

/** Takes part in the heartbeat that compares versions. */
export function useWatch(audience: LiveAudience, part: Watch): void {
  const latest = useLatest(part);
  useEffect(
    () =>
      getSocket(audience).watch({
        visits: () => latest.current.visits?.() ?? [],
        tickets: () => latest.current.tickets?.() ?? [],
        queue: () => latest.current.queue?.() ?? null,
        onSync: (answer) => latest.current.onSync(answer),
      }),
    [audience, latest],
  );
}

interface Action<I> {
  run: (input: I) => void;
  busy: boolean;
  error: ApiError | null;
  reset: () => void;
}

/**
 * One thing that a person does, such as "join the queue". Its idempotency key lives until the
 * server has answered, so pressing again after a lost network never does it twice. Other input is
 * another action and gets another key.
 */
export function useAction<I, T>(
  fn: (input: I, key: string) => Promise<T>,
  { onSuccess }: { onSuccess?: (result: T) => void } = {},
): Action<I> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const pending = useRef<{ key: string; input: string } | null>(null);
  const running = useRef(false);
  const latest = useLatest({ fn, onSuccess });

  const run = useCallback(
    (input: I) => {
      if (running.current) return;
      running.current = true;
      const written = JSON.stringify(input);
      if (pending.current?.input !== written) pending.current = { key: newKey(), input: written };
      setBusy(true);
      setError(null);
      latest.current
        .fn(input, pending.current.key)
        .then(
          (result) => {
            pending.current = null;
            latest.current.onSuccess?.(result);
          },
          (reason: unknown) => {
            const problem = toApiError(reason);
            if (problem.status !== 0) pending.current = null;
            setError(problem);
          },
        )
        .finally(() => {
          running.current = false;
          setBusy(false);
        });
    },
    [latest],
  );
  const reset = useCallback(() => setError(null), []);
  return { run, busy, error, reset };
}
