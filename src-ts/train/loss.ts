/** The value of a loss for outputs at hand, and penalties on firing rates. The kinds of loss are generated from the engine’s registry. */

import {
  attached,
  options as checkOptions,
  finiteOutputsYielding,
  firstNotFinite,
  frozenCopy,
  invalid,
  shape as sizes,
  text,
  typedArray,
} from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { checkForm, checkKind, choice, type Form, listOf, number } from '../checks/plain-data.ts';
import { isKind, isReals, nativeReals, type typedArrayKinds } from '../checks/typed.ts';
import { isWhole, stepCounts, unsigned, type WholeNumbers } from '../checks/whole-numbers.ts';
import { addon, task } from '../engine/native.ts';
import { checkedGraph } from '../trace/graph-builder.ts';
import type { TracedLoss } from '../trace/traced-loss.ts';
import { lossForms, lossOutputs } from './loss-forms.generated.ts';
import type { Loss } from './losses.generated.ts';

/** The options of one kind of loss. */
export type LossOptionsOf<K extends Loss['kind'], L = Loss> = L extends { kind: infer Kinds }
  ? K extends Kinds
    ? Omit<L, 'kind'>
    : never
  : never;

/** Refuses a loss or an option of it that does not exist; the engine checks the ranges. */
export function checkLoss(loss: Loss | TracedLoss): void {
  if (isTraced(loss)) {
    checkForm('loss', loss, {
      options: { kind: text, graph: checkedGraph, parameters: frozenCopy },
      needed: ['kind', 'graph'],
    });
    return;
  }
  checkKind('loss', loss, lossForms, 'a loss, such as loss.crossEntropyCount(), or a function');
}

/** Whether a loss is a traced function. */
export function isTraced(loss: unknown): loss is TracedLoss {
  return (loss as TracedLoss | null | undefined)?.kind === 'traced';
}

/** Whether a loss is of the output's membrane; the others are of its spikes. */
export function isOfMembrane({ kind }: Loss): boolean {
  return lossOutputs[kind] === 'v';
}

/**
 * A penalty on a population's firing, as plain data. It is added to the loss of a batch. Rates are in spikes per step, over the steps that
 * count; graded spikes count with their values. For a population that does not spike, its output values count, with their signs.
 *
 * - `l1-count`: lambda times the number of spikes in the batch, snnTorch's `l1_rate_sparsity`
 * - `l1-rate`: lambda times the mean rate over samples and neurons
 * - `rate-band`: lambda times the mean, over samples and neurons, of the squared distance of a rate from the band `low` to `high`. With `over:
 * 'batch'` a neuron's rate is the rate over all samples together, as for LSNNs (G. Bellec et al., NeurIPS 2018); the whole batch is
 *   then in memory at once
 */
export type Penalty = Readonly<
  | { kind: 'l1-count' | 'l1-rate'; lambda: number }
  | { kind: 'rate-band'; lambda: number; low: number; high: number; over?: 'sample' | 'batch' }
>;

/** A penalty and the population it is on. */
export interface Regularizer {
  layer: string;
  penalty: Penalty;
}

const lambda = { lambda: number };
const penalties: Record<Penalty['kind'], Form> = {
  'l1-count': { options: lambda, needed: ['lambda'] },
  'l1-rate': { options: lambda, needed: ['lambda'] },
  'rate-band': {
    options: { ...lambda, low: number, high: number, over: choice('sample', 'batch') },
    needed: ['lambda', 'low', 'high'],
  },
};

function checkPenalty(path: string, penalty: unknown): void {
  checkKind(path, penalty, penalties);
}

/** Throws an error for anything but a list of penalties; the engine checks layers and ranges. */
export function checkRegularizers(regularizers: unknown): void {
  listOf((path, entry) =>
    checkForm(path, entry, {
      options: { layer: text, penalty: checkPenalty },
      needed: ['layer', 'penalty'],
    }),
  )('regularizers', regularizers);
}

/** Outputs to compute a loss of: `[time, batch, neurons]`. Results of {@link Model.forward} and {@link Model.run} can be passed unchanged. */
export interface LossOutputs<A extends Float32Array | Float64Array = Float32Array> {
  /** 0 and 1, or graded. An empty array counts as absent. */
  spikes?: A | Uint8Array | undefined;
  v?: A | undefined;
  /** `[time, batch, neurons]` */
  shape: readonly [number, number, number];
}

/** A loss's value and gradients. */
export interface LossValue<A extends Float32Array | Float64Array = Float32Array> {
  loss: number;
  /** `[batch]`, or `[batch, classes]` for an unreduced squared error. */
  perSample: Float64Array;
  /** Gradient with respect to the given spikes, in their shape. */
  gradSpikes?: A;
  gradV?: A;
}

/** What the results of `forward` and `run` hold beside outputs. */
const ofResults = ['backward', 'state', 'recordings', 'shapes', 'spikeCounts', 'events'];

/**
 * The value and gradient of a loss for outputs at hand, as `fit` computes them; in double precision where an output is a
 * `Float64Array`, as the `v` of {@link Model.forward} is, and then with gradients in arrays of that kind. So a sum of losses is a
 * few lines:
 *
 * ```ts
 * const out = await model.forward(batch);
 * const a = await evaluateLoss(loss.crossEntropyMembrane(), out, batch.y);
 * const b = await evaluateLoss(loss.meanSquaredMembrane({ onTarget: 1, offTarget: 1 }), out, batch.y);
 * await out.backward({ v: a.gradV.map((g, i) => 0.95 * g + 0.05 * b.gradV[i]!) });
 * await model.step(optimizer);
 * ```
 *
 * Pass graded spikes with their values; `forward` and `run` return them as 0 and 1.
 *
 * @param targets - labels `[batch]`, or for a cross-entropy of each step `[time, batch]`, as whole numbers of any width, or values `[batch, neurons]` or
 * `[time, batch, neurons]`
 * @param lengths - steps of each sample that count, `[batch]`
 * @throws LapicqueError `invalid-parameter` for a label out of range or an option the loss does not read,
 * `shape-mismatch` for arrays that do not fit, `non-finite` for outputs that are not finite, or so large that the loss or its gradient is not finite
 */
export function evaluateLoss<A extends Float32Array | Float64Array>(
  spec: Loss,
  outputs: LossOutputs<A> & { v: A },
  targets: WholeNumbers | Float32Array | Float64Array,
  lengths?: WholeNumbers,
): Promise<LossValue<A> & { gradV: A }>;
export function evaluateLoss<A extends Float32Array | Float64Array = Float32Array>(
  spec: Loss,
  outputs: LossOutputs<A>,
  targets: WholeNumbers | Float32Array | Float64Array,
  lengths?: WholeNumbers,
): Promise<LossValue<A>>;
export async function evaluateLoss<A extends Float32Array | Float64Array = Float32Array>(
  spec: Loss,
  outputs: LossOutputs<A>,
  targets: WholeNumbers | Float32Array | Float64Array,
  lengths?: WholeNumbers,
): Promise<LossValue<A>> {
  checkLoss(spec);
  if (
    typeof outputs !== 'object' ||
    outputs === null ||
    Array.isArray(outputs) ||
    ArrayBuffer.isView(outputs)
  )
    invalid('outputs', outputs, 'an object { spikes, v, shape }');
  const own = Object.entries(outputs).filter(([name]) => !ofResults.includes(name));
  checkOptions('outputs', Object.fromEntries(own), ['spikes', 'v', 'shape']);
  if (!Array.isArray(outputs.shape) || outputs.shape.length !== 3) {
    invalid('outputs.shape', outputs.shape, '[time, batch, neurons]');
  }
  const [steps, batch, neurons] = sizes('outputs.shape', outputs.shape) as [number, number, number];
  const v = output('v', outputs.v, [Float32Array, Float64Array]);
  const given = output('spikes', outputs.spikes, [Float32Array, Float64Array, Uint8Array]);
  const spikes = isKind(given, Uint8Array) ? Float32Array.from(given) : given;
  for (const [name, values] of Object.entries({ v, spikes })) {
    if (values !== undefined) await finiteOutputsYielding(`outputs.${name}`, values, outputs.shape);
  }
  const [name, read] = isOfMembrane(spec) ? ['v', v] : ['spikes', spikes];
  if (read === undefined)
    invalid(
      `outputs.${name}`,
      outputs[name as 'v'],
      `values, because ${spec.kind} is a loss of ${name === 'v' ? 'the membrane' : 'spikes'}`,
    );
  if (!isWhole(targets))
    typedArray('targets', targets, [Uint32Array, Uint8Array, Float32Array, Float64Array]);
  const counted = stepCounts('lengths', lengths);
  const [values, classes] = isReals(targets) ? [targets] : [undefined, unsigned('targets', targets)];
  const value = (await task({}, () =>
    addon.evaluateLoss(
      JSON.stringify(spec),
      nativeReals(spikes),
      nativeReals(v),
      classes,
      nativeReals(values),
      counted,
      steps,
      batch,
      neurons,
    ),
  )) as unknown as LossValue<A>;
  const refused = (name: string) => new LapicqueError('non-finite', { layer: 'loss', step: 0, name });
  const finite = async (numbers: Float32Array | Float64Array = new Float32Array()) =>
    (await firstNotFinite(numbers)) < 0;
  if (!Number.isFinite(value.loss) || !(await finite(value.perSample))) throw refused('the loss');
  for (const gradient of [value.gradSpikes, value.gradV])
    if (!(await finite(gradient))) throw refused('the gradient of the loss');
  return value;
}

/** An output, or nothing where it has no values. */
function output<K extends (typeof typedArrayKinds)[number]>(
  name: string,
  values: unknown,
  kinds: readonly K[],
): InstanceType<K> | undefined {
  if (values === undefined) return undefined;
  const array = typedArray(`outputs.${name}`, values, kinds);
  if (array.length > 0) return array;
  attached(`outputs.${name}`, array);
  return undefined;
}

/**
 * The value of a penalty for spikes at hand, as a regularizer of `fit` adds it to the loss of a batch.
 *
 * @param spikes - `[time, batch, neurons]`, 0 and 1 or graded
 * @param lengths - steps of each sample that count, `[batch]`
 * @throws LapicqueError `invalid-parameter`, `unknown-name`, `shape-mismatch`, `non-finite`
 */
export async function evaluatePenalty(
  penalty: Penalty,
  spikes: Float32Array,
  shape: readonly [number, number, number],
  lengths?: WholeNumbers,
): Promise<number> {
  typedArray('spikes', spikes, [Float32Array]);
  if (!Array.isArray(shape) || shape.length !== 3) invalid('shape', shape, '[time, batch, neurons]');
  const [steps, batch, neurons] = sizes('shape', shape) as [number, number, number];
  const counted = stepCounts('lengths', lengths);
  await finiteOutputsYielding('spikes', spikes, shape);
  checkPenalty('penalty', penalty);
  return task({}, () =>
    addon.evaluatePenalty(JSON.stringify(penalty), spikes, counted, steps, batch, neurons),
  );
}
