/** Progress reports of a loop over batches. */
import { Listener } from '../engine/listener.ts';
import type { TaskOptions, TaskProgress } from '../engine/task-options.ts';

/** The least time between two calls in ms: 20 a second. */
const reportInterval = 50;

/** Calls a listener at limited rate, and always at the end, even if that comes before the expected total. */
export class ProgressReporter {
  readonly #listener: Listener;
  #latest: TaskProgress | undefined;
  #reported: TaskProgress | undefined;
  #at = Number.NEGATIVE_INFINITY;

  constructor(listener: TaskOptions['onProgress']) {
    this.#listener = new Listener(listener);
  }

  /** Reports progress. */
  update(progress: TaskProgress): void {
    this.#listener.check();
    this.#latest = progress;
    if (progress.done >= progress.total || performance.now() - this.#at >= reportInterval)
      this.#report(progress);
  }

  /** Ends the work: the last progress is its total. */
  end(): void {
    this.#listener.check();
    const latest = this.#latest;
    const isReported = latest === undefined || (latest === this.#reported && latest.done >= latest.total);
    if (!isReported) this.#report({ ...latest, total: latest.done });
    this.#listener.end();
  }

  #report(progress: TaskProgress): void {
    this.#at = performance.now();
    this.#reported = progress;
    this.#listener.hear(progress);
  }
}
