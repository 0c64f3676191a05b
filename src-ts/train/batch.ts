/** Batches that a model is trained on. */
import { iterable } from '../checks/check.ts';
import type { WholeNumbers } from '../checks/whole-numbers.ts';
import type { ModelState } from '../compiled/state.ts';
import type { InputTensor } from '../description/input-tensor.ts';

/** One batch for {@link Model.trainStep}. */
export interface TrainingBatch extends InputTensor {
  /**
   * Labels `[batch]`, or for a cross-entropy of each step `[time, batch]`, in an array of whole numbers, also NumPy's int64; or values `[batch, neurons]` or
   * `[time, batch, neurons]` as a `Float32Array` or `Float64Array`. A custom loss may read anything, or nothing, from it: if it is not one label per
   * sample, there is no accuracy (NaN).
   */
  y: WholeNumbers | Float32Array | Float64Array;
  /**
   * Shape of `y`. If given, it is compared with the shape that the loss reads, so that `[batch, time, …]` is not read as `[time, batch, …]`. Several
   * axes of neurons must match the shape of the output population.
   */
  yShape?: readonly number[] | undefined;
  /**
   * Steps of each sample that count, `[batch]`: for the loss, the penalties and the predictions. The steps after them (padding) are also computed.
   * Causal layers never read them for earlier steps. The statistics of {@link batchNorm} include them, as in torch, and so does a {@link timeMixture}
   * or {@link psn}, unless its `order` masks later steps: fill them with zeros.
   */
  lengths?: WholeNumbers | undefined;
  /** The state before the first step, of a run or the step before; constant for the gradient. Default rest. Not for online methods. */
  state?: ModelState | undefined;
  /** Further tensors by name for the option `tensors` of {@link loss}.trace; `time` and `batch` have the sizes of this batch. */
  tensors?: Readonly<Record<string, WholeNumbers | Float32Array | Float64Array>> | undefined;
}

/** Batches, read once per epoch: a {@link DataLoader}, a list, or any other iterable that `for await` accepts. */
export type Batches = AsyncIterable<TrainingBatch> | Iterable<TrainingBatch>;

/** Throws an error for anything but batches. @internal */
export function checkBatches(name: string, batches: Batches): void {
  iterable(name, batches, 'batches: a DataLoader, a list of { x, shape, y }, or an iterable of them');
}
