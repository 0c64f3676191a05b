/** What a loop over batches tells of its progress. */
import { Listener } from '../engine/listener.ts';
import type { TaskOptions, TaskProgress } from '../engine/task-options.ts';

/** The least time between two calls in ms: 20 a second. */
const apart = 50;

/** Tells a listener now and then, and of the end always: also where that comes before all was done that was expected. */
export class Teller {
  readonly #listener: Listener;
  #latest: TaskProgress | undefined;
  #told: TaskProgress | undefined;
  #at = Number.NEGATIVE_INFINITY;

  constructor(listener: TaskOptions['onProgress']) {
    this.#listener = new Listener(listener);
  }

  /** The work stands there. */
  stands(progress: TaskProgress): void {
    this.#listener.check();
    this.#latest = progress;
    if (progress.done >= progress.total || performance.now() - this.#at >= apart) this.#tell(progress);
  }

  /** The work ends where it stood last: that is all of it. */
  ends(): void {
    this.#listener.check();
    const latest = this.#latest;
    const told = latest === undefined || (latest === this.#told && latest.done >= latest.total);
    if (!told) this.#tell({ ...latest, total: latest.done });
    this.#listener.end();
  }

  #tell(progress: TaskProgress): void {
    this.#at = performance.now();
    this.#told = progress;
    this.#listener.hear(progress);
  }
}
