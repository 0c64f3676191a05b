/** Steps with a custom loss: a function from outputs to a value and its gradient. */

import type { TrainingBatch } from './batch.ts';

/** The data that a custom loss receives: outputs `[time, batch, neurons]`. */
export interface OwnLossOutputs {
  /** 0 and 1, also for graded spikes, whose gradient is with respect to the output; absent if the output does not spike. */
  spikes?: Uint8Array;
  v: Float64Array;
  /** `[time, batch, neurons]` */
  shape: readonly [number, number, number];
}

/** The result of a custom loss. */
export interface OwnLossValue {
  /** Mean over the samples of the batch. */
  loss: number;
  /** Its gradient with respect to the outputs, in their shape; default 0. Not needed for a batch that is only evaluated. */
  gradSpikes?: Float32Array | Float64Array | undefined;
  gradV?: Float32Array | Float64Array | undefined;
  /** The loss of each sample, `[batch]`; default: the mean for each. */
  perSample?: Float64Array | undefined;
}

/**
 * A custom loss as a function with a gradient by hand, for what `loss.trace` cannot express, such as another library. It receives the batch
 * unchanged, including fields that a `transform` of its loader added.
 *
 * ```ts
 * const tet = async (outputs, { y }) => {
 *   const ce = await evaluateLoss(loss.crossEntropyMembrane(), outputs, y);
 *   const mse = await evaluateLoss(loss.meanSquaredMembrane({ onTarget: 1, offTarget: 1 }), outputs, y);
 *   return { loss: 0.95 * ce.loss + 0.05 * mse.loss, gradV: ce.gradV.map((g, i) => 0.95 * g + 0.05 * mse.gradV[i]) };
 * };
 * await model.fit(data, { epochs: 10, loss: tet });
 * ```
 */
export type OwnLoss = (outputs: OwnLossOutputs, batch: OwnLossBatch) => OwnLossValue | Promise<OwnLossValue>;

/** The batch unchanged, except that labels of 64 bits are converted to a `Uint32Array`. */
export type OwnLossBatch = Omit<TrainingBatch, 'y'> & {
  y: Exclude<TrainingBatch['y'], BigInt64Array | BigUint64Array>;
};
