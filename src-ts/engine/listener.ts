/** A listener to progress, which may be an `async` function: what it rejects with ends the work, as what it throws does. */
import type { TaskOptions, TaskProgress } from './task-options.ts';

export class Listener {
  readonly #call: TaskOptions['onProgress'];
  readonly #failing: () => void;
  #failed: { with: unknown } | undefined;
  #over = false;

  /** @param failing - is told as soon as a promise of the listener has rejected */
  constructor(call: TaskOptions['onProgress'], failing: () => void = () => {}) {
    this.#call = call;
    this.#failing = failing;
  }

  /** @throws what the listener throws, or what it rejected with before */
  hear(progress: TaskProgress): void {
    this.check();
    const answer: unknown = this.#call?.(progress);
    // By what it can do: a promise of another context is no instance of this one's Promise.
    if (isThenable(answer)) answer.then(undefined, (error: unknown) => this.#rejected(error));
  }

  /** @throws what the listener rejected with */
  check(): void {
    if (this.#failed !== undefined) throw this.#failed.with;
  }

  /** The work is done: what the listener rejects with from now on is no more the work's, but its own. */
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
