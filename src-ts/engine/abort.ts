/** Waiting that an `AbortSignal` ends: what is waited for may come late, or never. */
import { abortError } from '../checks/errors.ts';

/** What a promise gives, or the {@link abortError} of a signal that fires before: nobody need wait for the promise then. */
export async function untilAborted<T>(signal: AbortSignal | undefined, promise: PromiseLike<T>): Promise<T> {
  if (signal === undefined) return promise;
  let stop!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(abortError(signal));
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The same items, but for an abort nobody waits for the next of them. */
export async function* itemsUntilAborted<T>(
  signal: AbortSignal | undefined,
  items: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  // As of `for await`: an iterator that has ended or thrown is not told to end.
  let open = false;
  try {
    for (;;) {
      const { done, value } = await untilAborted(signal, Promise.resolve(iterator.next()));
      if (done === true) return;
      open = true;
      yield value;
      open = false;
    }
  } finally {
    if (open) await untilAborted(signal, Promise.resolve(iterator.return?.()));
    // One that is not back yet ends when it is.
    else if (signal?.aborted) Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
