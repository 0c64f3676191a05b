/** Waiting that a signal or a time limit can end. */

/** A pause that a signal can end. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
}

/** Waits for work at most for a time, and ignores its errors. Returns whether it has ended. */
export async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  const ended = work.then(
    () => true,
    () => true,
  );
  const isOver = await Promise.race([ended, pause(milliseconds, over.signal).then(() => false)]);
  over.abort();
  return isOver;
}
