/** Steps with a loss of your own: a function from outputs to a value and its gradient. */

import { options as checkOptions, finite, invalid, typedArray } from '../checks/check.ts';
import { isWide, unsigned } from '../checks/whole-numbers.ts';
import { decode } from '../codes/encode.ts';
import { untilAborted } from '../engine/abort.ts';
import type { Model } from '../model/model.ts';
import { type LossOutputs, loss as losses } from './loss.ts';
import type { Optimizer } from './optimizer.ts';
import type { Decision, StepReport, TrainingBatch, TrainStepOptions } from './step.ts';

/** What a loss of your own sees of a batch: outputs `[time, batch, neurons]`. */
export interface OwnLossOutputs {
  /** 0 and 1, also of graded ones, whose gradient is with respect to what leaves; absent where the output does not spike. */
  spikes?: Uint8Array;
  v: Float64Array;
  /** `[time, batch, neurons]` */
  shape: readonly [number, number, number];
}

/** What a loss of your own gives. */
export interface OwnLossValue {
  /** Mean over the samples of the batch. */
  loss: number;
  /** Its gradient with respect to the outputs, in their shape; one that is left out is 0. Not needed of a batch that is only evaluated. */
  gradSpikes?: Float32Array | Float64Array | undefined;
  gradV?: Float32Array | Float64Array | undefined;
  /** Each sample's share, `[batch]`; default the mean for each. */
  perSample?: Float64Array | undefined;
}

/**
 * A loss of your own, where {@link Loss} is not enough: a sum of losses, labels that are mixed, a teacher's outputs. It sees the batch as it
 * came, with whatever a `transform` of its loader has put there.
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

/** The batch as it came; labels of 64 bits are a `Uint32Array` by then. */
export type OwnLossBatch = Omit<TrainingBatch, 'y'> & {
  y: Exclude<TrainingBatch['y'], BigInt64Array | BigUint64Array>;
};

function batchOf(batch: TrainingBatch): OwnLossBatch {
  const { y } = batch;
  return isWide(y) ? { ...batch, y: unsigned('batch.y', y) } : (batch as OwnLossBatch);
}

/** What of a step's options a loss of your own leaves room for. */
type Options = Omit<TrainStepOptions, 'loss'>;

/** Forward and backward pass; the gradients are added to those there are. */
export async function ownGradients(
  model: Model,
  batch: TrainingBatch,
  loss: OwnLoss,
  options: Options,
  optimizer: Optimizer | undefined,
): Promise<StepReport> {
  refuseWhatNeedsAnEngineLoss(options);
  const { steps, segment, signal } = options;
  const how = { steps, signal, ...(segment === undefined ? {} : { segment }) };
  const { passed, counts, inputEvents } = await model.forwardCounted(batch, how, optimizer);
  const { spikes, v, shape } = passed;
  const outputs = { ...(spikes.length > 0 ? { spikes } : {}), v, shape };
  const value = await ownLoss(loss, outputs, batch, signal);
  const { gradSpikes, gradV } = value;
  if (gradSpikes === undefined && gradV === undefined) {
    invalid('the loss', 'no gradient', 'gradV or gradSpikes, in the shape of the outputs');
  }
  const made = report(value, outputs, batch, options.by);
  await passed.backward(
    {
      ...(gradSpikes === undefined ? {} : { spikes: gradSpikes }),
      ...(gradV === undefined ? {} : { v: gradV }),
    },
    { signal },
  );
  return { ...made, spikes: counts, inputEvents };
}

/** The loss of a batch, without gradients. */
export async function ownValue(
  model: Model,
  batch: TrainingBatch,
  loss: OwnLoss,
  options: Options,
): Promise<StepReport> {
  refuseWhatNeedsAnEngineLoss(options);
  const { steps, signal } = options;
  const { spikes, v, shape, spikeCounts } = await model.run(batch, { steps, signal });
  const outputs = { ...(spikes === undefined ? {} : { spikes }), v: Float64Array.from(v), shape };
  const value = await ownLoss(loss, outputs, batch, signal);
  let events = 0;
  for (const x of batch.x) if (x !== 0) events += 1;
  return {
    ...report(value, outputs, batch, options.by),
    spikes: model.info.layers.map(({ name }) => spikeCounts[name]!),
    inputEvents: events * (steps ?? 1),
  };
}

function refuseWhatNeedsAnEngineLoss(options: Options): void {
  const { method = 'bptt', truncate, regularisers = [], inputGradient = false } = options;
  const given = { truncate: truncate !== undefined, inputGradient, regularisers: regularisers.length > 0 };
  if (method !== 'bptt') invalid('method', method, '"bptt", the only method for a loss that is a function');
  for (const [name, there] of Object.entries(given)) {
    if (there) invalid(name, options[name as keyof Options], 'no value, because the loss is a function');
  }
}

/** An abort does not wait for a loss that never comes back. */
async function ownLoss(
  loss: OwnLoss,
  outputs: OwnLossOutputs,
  batch: TrainingBatch,
  signal: AbortSignal | undefined,
): Promise<OwnLossValue> {
  if (Object.values<unknown>(losses).includes(loss)) invalid('loss', loss, `what ${loss.name}() gives`);
  return checkedValue(
    await untilAborted(signal, Promise.resolve(loss(outputs, batchOf(batch)))),
    outputs.shape,
  );
}

function checkedValue(given: OwnLossValue, [steps, batch, neurons]: LossOutputs['shape']): OwnLossValue {
  if (typeof given !== 'object' || given === null)
    invalid('the loss', given, 'an object { loss, gradV, gradSpikes }');
  const value = checkOptions('the loss', given, ['loss', 'gradV', 'gradSpikes', 'perSample']);
  finite('loss', value.loss);
  for (const name of ['gradV', 'gradSpikes'] as const) {
    const gradient = value[name];
    if (gradient !== undefined) {
      typedArray(name, gradient, [Float32Array, Float64Array], steps * batch * neurons);
    }
  }
  if (value.perSample !== undefined) typedArray('perSample', value.perSample, [Float64Array], batch);
  return value;
}

const decoders = {
  count: 'spike-count',
  membrane: 'mean-membrane',
  'max-membrane': 'max-membrane',
  'first-spike': 'first-spike',
} as const;

function report(
  value: OwnLossValue,
  { spikes, v, shape }: OwnLossOutputs,
  { lengths }: TrainingBatch,
  by: Decision = spikes === undefined ? 'membrane' : 'count',
): Omit<StepReport, 'spikes' | 'inputEvents'> {
  const membrane = Float32Array.from(v);
  const labelsBy = (decision: Decision) => {
    const signal = decision === 'count' || decision === 'first-spike' ? spikes : membrane;
    if (signal === undefined)
      invalid('by', decision, '"membrane" or "max-membrane" of an output that does not spike');
    return decode({ kind: decoders[decision] }, signal, shape, lengths).labels;
  };
  return {
    loss: value.loss,
    perSample: value.perSample ?? new Float64Array(shape[1]).fill(value.loss),
    labels: labelsBy(by),
    byCount: spikes === undefined ? new Uint32Array() : labelsBy('count'),
    byMembrane: labelsBy('membrane'),
  };
}
