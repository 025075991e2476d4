/** One at a time goes to the server, the latest last: of two that cross, the older might stay. */

interface Latest<T> {
  /** From now on this is to be there. */
  readonly take: (value: T) => void;
}

/**
 * `send` is called again only when it has settled. What it was refused is not tried again by itself,
 * only when it is taken again.
 */
export function latestOnly<T>(send: (value: T) => Promise<unknown>): Latest<T> {
  let next: { readonly value: T; readonly written: string } | null = null;
  let kept = "";
  let busy = false;
  const run = async (): Promise<void> => {
    busy = true;
    while (next !== null) {
      const { value, written } = next;
      next = null;
      // Taken twice, or there again after something else that never left.
      if (written === kept) continue;
      kept = written;
      await send(value).catch(() => {
        kept = "";
      });
    }
    busy = false;
  };
  return {
    take: (value) => {
      next = { value, written: JSON.stringify(value) };
      if (!busy) void run();
    },
  };
}
