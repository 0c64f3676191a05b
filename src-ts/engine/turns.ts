/** Long loops of JavaScript that leave the event loop its turns, and end where a signal says so. */
import { throwIfAborted } from '../checks/errors.ts';

/** Of work between two turns, in ms: what an event loop does not notice. */
const slice = 1;

/** Calls of a loop between two looks at the clock. */
export const atOnce = 2048;

/** What a generator returns, at once. */
export function runNow<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Tells when it is time for others. One for each piece of work. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #began = performance.now();

  constructor(signal?: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** Whether this turn has lasted long enough; ask after each piece of work that takes far less than a millisecond. */
  get over(): boolean {
    return performance.now() - this.#began > slice;
  }

  /** Lets others have their turn. @throws LapicqueError `aborted` */
  async next(): Promise<void> {
    throwIfAborted(this.#signal);
    await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(this.#signal);
    this.#began = performance.now();
  }

  /**
   * Calls something for each number from 0 on, in turns.
   * @throws LapicqueError `aborted`; whatever `visit` throws
   */
  async each(count: number, visit: (i: number) => void): Promise<void> {
    for (let from = 0; from < count; from += atOnce) {
      if (this.over) await this.next();
      const end = Math.min(count, from + atOnce);
      for (let i = from; i < end; i++) visit(i);
    }
  }

  /** Fills an array, in turns. @throws as {@link each} */
  async filled<A extends Uint32Array | Float64Array>(array: A, value: (i: number) => number): Promise<A> {
    await this.each(array.length, (i) => {
      array[i] = value(i);
    });
    return array;
  }

  /** What a generator returns, which yields after each piece of work, in turns. @throws LapicqueError `aborted`; what it throws */
  async run<T>(work: Generator<unknown, T>): Promise<T> {
    for (;;) {
      const { done, value } = work.next();
      if (done === true) return value;
      if (this.over) await this.next();
    }
  }
}
