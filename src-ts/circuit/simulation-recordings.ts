/** Who else gets the recordings of a simulation's runs: the viewer, which shows them while the simulation goes on. */
import type { Recording } from './recording.ts';

type Handler = (recording: Recording) => void;

/** Weak, so that a simulation may be collected while somebody still follows it. */
const handlers = new WeakMap<object, Set<Handler>>();

/**
 * Calls `handler` with the recording of each run of a simulation that ends from now on.
 *
 * @returns a function that stops it
 */
export function onRecording(simulation: object, handler: Handler): () => void {
  const own = handlers.get(simulation) ?? new Set();
  handlers.set(simulation, own.add(handler));
  return () => own.delete(handler);
}

/** Passes the recording of a run on. An error of a handler is not one of the run. */
export function publishRecording(simulation: object, recording: Recording): void {
  for (const handler of handlers.get(simulation) ?? []) {
    try {
      handler(recording);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
