/** What a loop over batches tells of its progress. */
import type { TaskOptions, TaskProgress } from '../native.ts';

/** The least time between two calls in ms: 20 a second. */
const apart = 50;

/** Tells a listener now and then, and of the end always: also where that comes before all was done that was expected. */
export class Teller {
  readonly #listener: TaskOptions['onProgress'];
  #latest: TaskProgress | undefined;
  #told: TaskProgress | undefined;
  #at = Number.NEGATIVE_INFINITY;

  constructor(listener: TaskOptions['onProgress']) {
    this.#listener = listener;
  }

  /** The work stands there. */
  stands(progress: TaskProgress): void {
    this.#latest = progress;
    if (progress.done >= progress.total || performance.now() - this.#at >= apart) this.#tell(progress);
  }

  /** The work ends where it stood last: that is all of it. */
  ends(): void {
    const latest = this.#latest;
    if (latest === undefined || (latest === this.#told && latest.done >= latest.total)) return;
    this.#tell({ ...latest, total: latest.done });
  }

  #tell(progress: TaskProgress): void {
    this.#at = performance.now();
    this.#told = progress;
    this.#listener?.(progress);
  }
}
