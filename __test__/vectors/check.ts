/** What every kind of check has in common. */
import type { Json, SideCar } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** Runs one entry of a case and compares what comes out; throws `Skip` where something is not built. */
export type Check = (car: SideCar, entry: Json, comparison: Comparison) => Promise<void>;

/** Calls `use` with the model and frees it. */
export async function using<M extends Disposable, T>(model: M, use: (model: M) => Promise<T>): Promise<T> {
  try {
    return await use(model);
  } finally {
    model[Symbol.dispose]();
  }
}
