/** Batches that a model is trained on. */
import { iterable } from '../checks/check.ts';
import type { WholeNumbers } from '../checks/whole-numbers.ts';
import type { InputTensor } from '../description/input-tensor.ts';

/** One batch for {@link Model.trainStep}. */
export interface TrainingBatch extends InputTensor {
  /**
   * Labels `[batch]`, or for a cross-entropy of each step `[time, batch]`, in an array of whole numbers, also NumPy's int64; or values `[batch, neurons]` or
   * `[time, batch, neurons]` as a `Float32Array` or `Float64Array`. A custom loss may read anything, or nothing, from it: where
   * it is not one label per sample, each of an output, there is no accuracy (NaN).
   */
  y: WholeNumbers | Float32Array | Float64Array;
  /**
   * Shape of `y`; where it is given it is compared with what the loss reads, so that `[batch, time, …]` is not taken for
   * `[time, batch, …]`. Several axes of neurons are those of the output population.
   */
  yShape?: readonly number[] | undefined;
  /**
   * Steps of each sample that count, `[batch]`: for the loss, the penalties and the predictions. The steps behind them run too.
   * Layers that look back in time alone never see them; the statistics of {@link batchNorm} count them, as torch's do, and a
   * {@link timeMixture} or {@link psn} mixes them in unless its `order` masks what is later: fill them with zeros.
   */
  lengths?: WholeNumbers | undefined;
}

/** Batches, gone through once an epoch: a {@link DataLoader}, a list, or whatever else `for await` takes. */
export type Batches = AsyncIterable<TrainingBatch> | Iterable<TrainingBatch>;

/** Refuses what are no batches. @internal */
export function checkBatches(name: string, batches: Batches): void {
  iterable(name, batches, 'batches: a DataLoader, a list of { x, shape, y }, or what yields them');
}
