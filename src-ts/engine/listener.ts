/**
 * A progress listener, which may be an `async` function. An error that it throws or a rejection of its
 * promise ends the work.
 */
import type { TaskOptions, TaskProgress } from './task-options.ts';

export class Listener {
  readonly #call: TaskOptions['onProgress'];
  readonly #failing: () => void;
  #failed: { with: unknown } | undefined;
  #over = false;

  /** @param failing - called as soon as a promise of the listener has rejected */
  constructor(call: TaskOptions['onProgress'], failing: () => void = () => {}) {
    this.#call = call;
    this.#failing = failing;
  }

  /** @throws the error that the listener throws, or an earlier rejection of it */
  hear(progress: TaskProgress): void {
    this.check();
    const answer: unknown = this.#call?.(progress);
    // Detected by its `then`: a promise of another context is not an instance of this context's Promise.
    if (isThenable(answer)) answer.then(undefined, (error: unknown) => this.#rejected(error));
  }

  /** @throws an earlier rejection of the listener */
  check(): void {
    if (this.#failed !== undefined) throw this.#failed.with;
  }

  /** Ends the supervision: a later rejection of the listener is an unhandled rejection of the user's own. */
  end(): void {
    this.#over = true;
  }

  #rejected(error: unknown): void {
    if (this.#over) throw error;
    this.#failed ??= { with: error };
    this.#failing();
  }
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
