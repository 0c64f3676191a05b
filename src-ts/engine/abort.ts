/** Waiting that an `AbortSignal` can end. The awaited promise may settle late, or never. */
import { abortError } from '../checks/errors.ts';

/**
 * The value of a promise, or the {@link abortError} of a signal that fires first. Then nobody waits for the
 * promise.
 */
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

/** The same items, but an abort ends the wait for the next one. */
export async function* itemsUntilAborted<T>(
  signal: AbortSignal | undefined,
  items: AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  // As in `for await`: `return` is not called on an iterator that has ended or thrown.
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
    // A pending `next` ends by itself later.
    else if (signal?.aborted) Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
