/** Training and evaluation steps with a custom loss. */
import { options as checkOptions, finite, invalid, typedArray } from '../checks/check.ts';
import { isWide, unsigned } from '../checks/whole-numbers.ts';
import { decode } from '../codes/decode.ts';
import { untilAborted } from '../engine/abort.ts';
import type { TrainingBatch } from './batch.ts';
import type { LossOutputs } from './loss.ts';
import { loss as losses } from './losses.generated.ts';
import type { NativeUpdate } from './native-step.ts';
import type { OwnLoss, OwnLossBatch, OwnLossOutputs, OwnLossValue } from './own-loss.ts';
import type { Decision, StepReport, TrainStepOptions } from './step.ts';
import type { DifferentiableModel } from './trained-model.ts';

/** The options of a step that work with a custom loss. */
type Options = Omit<TrainStepOptions, 'loss'>;

/** Forward and backward pass; adds the gradients to the accumulated ones. */
export async function ownGradients(
  model: DifferentiableModel,
  batch: TrainingBatch,
  loss: OwnLoss,
  options: Options,
  update: NativeUpdate | undefined,
): Promise<StepReport> {
  const { steps, segment, signal } = options;
  const how = { steps, signal, state: batch.state, ...(segment === undefined ? {} : { segment }) };
  const { passed, counts, inputEvents } = await model.forwardCounted(batch, how, update);
  const { spikes, v, shape } = passed;
  const outputs = { ...(spikes.length > 0 ? { spikes } : {}), v, shape };
  const value = await callLoss(loss, outputs, batch, signal);
  const { gradSpikes, gradV } = value;
  if (gradSpikes === undefined && gradV === undefined) {
    invalid('the loss', 'no gradient', 'gradV or gradSpikes, in the shape of the outputs');
  }
  const report = reportOf(value, outputs, batch, options.by);
  const { inputGradient } = await passed.backward(
    {
      ...(gradSpikes === undefined ? {} : { spikes: gradSpikes }),
      ...(gradV === undefined ? {} : { v: gradV }),
    },
    { signal, ...(options.inputGradient === undefined ? {} : { inputGradient: options.inputGradient }) },
  );
  return {
    ...report,
    spikes: counts,
    inputEvents,
    ...(batch.state === undefined ? {} : { state: passed.state }),
    ...(inputGradient === undefined ? {} : { inputGradient }),
  };
}

/** The loss of a batch, without gradients. */
export async function ownValue(
  model: DifferentiableModel,
  batch: TrainingBatch,
  loss: OwnLoss,
  options: Options,
): Promise<StepReport> {
  const { steps, signal } = options;
  const { spikes, v, shape, spikeCounts, state } = await model.run(batch, {
    steps,
    signal,
    state: batch.state,
  });
  const outputs = { ...(spikes === undefined ? {} : { spikes }), v: Float64Array.from(v), shape };
  const value = await callLoss(loss, outputs, batch, signal);
  let events = 0;
  for (const x of batch.x) if (x !== 0) events += 1;
  return {
    ...reportOf(value, outputs, batch, options.by),
    spikes: model.info.layers.map(({ name }) => spikeCounts[name]!),
    inputEvents: events * (steps ?? 1),
    ...(batch.state === undefined ? {} : { state }),
  };
}

/** Refuses options that only a loss of the engine supports. */
export function refuseEngineLossOptions(options: Options): void {
  const { method = 'bptt', truncate, regularizers = [] } = options;
  const features = { truncate: truncate !== undefined, regularizers: regularizers.length > 0 };
  if (method !== 'bptt') invalid('method', method, '"bptt", the only method for a loss that is a function');
  if ('metrics' in options && options.metrics !== undefined)
    invalid('metrics', options.metrics, 'no value, because the loss is a function');
  for (const [name, there] of Object.entries(features)) {
    if (there) invalid(name, options[name as keyof Options], 'no value, because the loss is a function');
  }
}

/** Calls the loss and checks its result. An abort does not wait for a loss that never settles. */
async function callLoss(
  loss: OwnLoss,
  outputs: OwnLossOutputs,
  batch: TrainingBatch,
  signal: AbortSignal | undefined,
): Promise<OwnLossValue> {
  if (Object.values<unknown>(losses).includes(loss)) invalid('loss', loss, `a result of ${loss.name}()`);
  return checkedValue(
    await untilAborted(signal, Promise.resolve(loss(outputs, batchOf(batch)))),
    outputs.shape,
  );
}

/** The batch for the loss; labels of 64 bits become a `Uint32Array`. */
function batchOf(batch: TrainingBatch): OwnLossBatch {
  const { y } = batch;
  return isWide(y) ? { ...batch, y: unsigned('batch.y', y) } : (batch as OwnLossBatch);
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

/** The decoder that makes labels by a criterion. */
const decoders = {
  count: 'spike-count',
  membrane: 'mean-membrane',
  'max-membrane': 'max-membrane',
  'first-spike': 'first-spike',
} as const;

/** The part of the report that depends on the loss and the outputs. */
function reportOf(
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
    classes: shape[2],
    byCount: spikes === undefined ? new Uint32Array() : labelsBy('count'),
    byMembrane: labelsBy('membrane'),
  };
}
