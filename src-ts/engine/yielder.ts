/** Long loops in JavaScript that yield to the event loop and end when a signal fires. */
import { throwIfAborted } from '../checks/errors.ts';

/** Time between two yields, in ms: short enough for an event loop. */
const sliceMs = 1;

/** Iterations of a loop between two reads of the clock. */
export const iterationsPerCheck = 2048;

/** Runs a generator to its end without yields to the event loop. */
export function runNow<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Decides when to yield to the event loop. Each piece of work has its own. */
export class Yielder {
  readonly #signal: AbortSignal | undefined;
  #began = performance.now();

  constructor(signal?: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Whether it is time to yield. For loops whose iterations take much less than a millisecond. */
  get isDue(): boolean {
    return performance.now() - this.#began > sliceMs;
  }

  /** Yields to the event loop. @throws LapicqueError `aborted` */
  async yieldNow(): Promise<void> {
    throwIfAborted(this.#signal);
    await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(this.#signal);
    this.#began = performance.now();
  }

  /**
   * Calls `visit` for each number from 0 on, and yields to the event loop between calls.
   * @throws LapicqueError `aborted`; whatever `visit` throws
   */
  async each(count: number, visit: (i: number) => void): Promise<void> {
    for (let from = 0; from < count; from += iterationsPerCheck) {
      if (this.isDue) await this.yieldNow();
      const end = Math.min(count, from + iterationsPerCheck);
      for (let i = from; i < end; i++) visit(i);
    }
  }

  /** Fills an array, and yields to the event loop between elements. @throws as {@link each} */
  async filled<A extends Uint32Array | Float64Array>(array: A, value: (i: number) => number): Promise<A> {
    await this.each(array.length, (i) => {
      array[i] = value(i);
    });
    return array;
  }

  /**
   * Runs a generator that yields after each piece of work, and yields to the event loop between pieces.
   * @throws LapicqueError `aborted`; any error of the generator
   */
  async run<T>(work: Generator<unknown, T>): Promise<T> {
    for (;;) {
      const { done, value } = work.next();
      if (done === true) return value;
      if (this.isDue) await this.yieldNow();
    }
  }
}
