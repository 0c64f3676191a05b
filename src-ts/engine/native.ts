/** Calls of the addon: unwraps their outcomes and connects tasks with an `AbortSignal`. */
import { addon, failure, type NativeError, type Outcome } from '#native';
import { callback, invalid } from '../checks/check.ts';
import { abortError, fromNative, throwIfAborted } from '../checks/errors.ts';
import { Listener } from './listener.ts';
import type { TaskOptions, TaskProgress } from './task-options.ts';

if (failure !== undefined) throw fromNative(failure);

export { addon };

/** The value of a native call, or a thrown `LapicqueError`. */
export function unwrap<T>(outcome: Outcome<T>, signal?: AbortSignal): T {
  if (typeof outcome === 'object' && outcome !== null && 'error' in outcome) {
    throw fromNative((outcome as { error: NativeError }).error, signal);
  }
  return outcome as T;
}

/** Refuses an array that memory cannot hold before it is allocated: `too-large`. */
export function checkMemory(what: string, bytes: number): void {
  unwrap(addon.checkMemory(what, bytes));
}

/** Refuses a signal or a listener of the wrong type. */
export function checkTask(options: TaskOptions): TaskOptions {
  if (typeof options !== 'object' || options === null) invalid('options', options, 'an object of options');
  const { signal, onProgress } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) invalid('signal', signal, 'an AbortSignal');
  if (onProgress !== undefined) callback('onProgress', onProgress);
  return options;
}

/** Runs a native task. `start` receives the handle that cancels it. */
export async function task<T>(
  options: TaskOptions,
  start: (handle: InstanceType<typeof addon.TaskHandle> | undefined) => Promise<Outcome<T>>,
): Promise<T> {
  const { signal, onProgress } = checkTask(options);
  if (signal === undefined && onProgress === undefined) return unwrap(await start(undefined));
  throwIfAborted(signal);
  const cancel = () => handle.cancel();
  const listener = new Listener(onProgress, cancel);
  const onUpdate = onProgress && ((progress: TaskProgress) => listener.hear(progress));
  const handle = new addon.TaskHandle(onUpdate as never);
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const outcome = await start(handle);
    listener.check();
    if (signal?.aborted && isAborted(outcome)) throw abortError(signal);
    return unwrap(outcome, signal);
  } finally {
    listener.end();
    signal?.removeEventListener('abort', cancel);
  }
}

function isAborted(outcome: unknown): boolean {
  return (outcome as { error?: NativeError } | null)?.error?.code === 'aborted';
}
