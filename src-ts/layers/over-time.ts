/** Layers that mix time steps: filters over lags, reductions, and neurons whose steps are computed all at once. */
import { attached, options as checkOptions, finite, integer, invalid } from '../checks/check.ts';
import { lif } from '../neurons/models.generated.ts';
import type { Neuron } from '../neurons/neuron-node.ts';
import type { Surrogate } from '../neurons/surrogate-node.ts';
import { atan } from '../neurons/surrogates.generated.ts';
import { node } from './map-node.ts';
import { operationNode } from './operation-node.ts';
import { operationTables } from './operation-tables.generated.ts';
import type { FilterOptions, Mixture, MixtureOptions, TimeReduction } from './operations.generated.ts';

/** {@link timeFilter} */
export interface Filter extends FilterOptions {
  readonly layer: 'filter';
  readonly kernel: readonly number[];
  readonly each: boolean;
  readonly bias: boolean;
}

/** A layer that mixes steps of time. */
export type TimeLayer = Filter | Mixture | TimeReduction;

/**
 * A causal convolution over time: `y[t] = Σ kernel[lag] x[t - lag] + b` for each element, lag 0 first; weights `[1, lags]`, or
 * `[channels, lags]` with `each`; bias `[1]` or `[channels]`. Pending contributions to later steps are part of the state
 * between runs, segments and steps of a session. As postsynaptic potential: W. Gerstner, Phys. Rev. E 51, 1995.
 *
 * @param kernel - numbers by lag, lag 0 first, or a function `of` the lag in ms that is sampled at `length` steps of `dt` ms
 * (default 1)
 * @returns a layer that keeps its shape
 * @throws LapicqueError `invalid-parameter` for a kernel without lags or with a number that is not finite
 * @example
 * ```ts
 * // An alpha-shaped postsynaptic potential with a time constant of 4 ms, and a threshold: a spike response model.
 * sequential(dense(40, 20), timeFilter({ of: (t) => (t / 4) * Math.exp(1 - t / 4), length: 30 }), threshold({ vThreshold: 1 }));
 * ```
 */
export function timeFilter(
  kernel: readonly number[] | { of: (ms: number) => number; length: number; dt?: number },
  options: FilterOptions = {},
): Filter {
  const layer = operationNode(operationTables.filter, 'timeFilter', [], options);
  const values = kernelOf(kernel);
  values.forEach((value, lag) => {
    finite(`timeFilter.kernel[${lag}]`, value);
  });
  return node({ ...layer, kernel: Object.freeze(values) }) as Filter;
}

function kernelOf(kernel: Parameters<typeof timeFilter>[0]): number[] {
  if (Array.isArray(kernel) || ArrayBuffer.isView(kernel)) {
    attached('timeFilter.kernel', kernel);
    const values = Array.from(kernel as readonly number[]);
    if (values.length === 0) invalid('timeFilter.kernel', kernel, 'at least one number');
    return values;
  }
  const checked = checkOptions('timeFilter.kernel', kernel as { of: unknown; length: number; dt?: number }, [
    'of',
    'length',
    'dt',
  ]);
  const { of } = checked;
  if (typeof of !== 'function') invalid('timeFilter.kernel.of', of, 'a function of the lag in ms');
  const length = integer('timeFilter.kernel.length', checked.length, { min: 1, max: 2 ** 16 });
  const dt = finite('timeFilter.kernel.dt', checked.dt ?? 1, { above: 0 });
  return Array.from({ length }, (_, lag) => (of as (ms: number) => number)(lag * dt));
}

/**
 * A matrix over the steps of a sequence: `y[t] = Σ weight[t, s] x[s] + bias[t]` for each element, weights `[steps, steps]`,
 * bias `[steps]`. Runs and batches must have exactly this number of steps, in one call. A session accepts a layer with an
 * `order` and a complete mask, step by step, one sequence after the other, and rejects any other. Without a complete mask every step depends on all
 * others, including those beyond the `lengths` of samples. (The time axis of W. Fang et al., NeurIPS
 * 2023; see {@link psn}.)
 *
 * @param steps - number of steps of every sequence, from 1 to 65,536
 * @returns a layer that keeps its shape
 * @throws LapicqueError `invalid-parameter` for a number of steps, an order or a lambda out of range; `shape-mismatch` for a
 * run with another number of steps; `unsupported` for a session without an order and a complete mask, and for training with
 * `segment`
 */
export function timeMixture(steps: number, options: MixtureOptions = {}): Mixture {
  const layer = operationNode(operationTables.mixture, 'timeMixture', [steps], options) as Mixture;
  const { order, lambda } = layer;
  if (lambda !== undefined && order === undefined) invalid('timeMixture.lambda', lambda, 'an order as well');
  if (order !== undefined) integer('timeMixture.order', order, { min: 1, max: steps });
  return layer;
}

/** Options of {@link threshold}. */
export interface ThresholdOptions {
  /** Name of the neurons; default `lif` and a number. */
  name?: string;
  /** Default 1. */
  vThreshold?: number;
  /** Default: the arc tangent. */
  surrogate?: Surrogate;
}

/**
 * Neurons without memory: `s[t] = 1 where x[t] >= vThreshold`, else 0. After a {@link timeFilter} they are a spike response
 * model without a reset.
 *
 * @returns a population with the shape of its input
 * @throws LapicqueError `invalid-parameter` for a threshold that is not finite or an invalid surrogate
 */
export function threshold(options: ThresholdOptions = {}): Neuron {
  checkOptions('threshold', options, ['name', 'vThreshold', 'surrogate']);
  const { vThreshold = 1, surrogate, name } = options;
  return lif({
    beta: 0,
    reset: 'none',
    compare: '>=',
    vThreshold,
    ...(surrogate === undefined ? {} : { surrogate }),
    ...(name === undefined ? {} : { name }),
  });
}

/** Options of parallel spiking neurons. */
export interface ParallelOptions {
  /** Name of the neurons; the layer of their weights is called the same and `.time`. Default `lif`, `mixture` or `filter` and a number. */
  name?: string;
  /** Default: the arc tangent. */
  surrogate?: Surrogate;
}

/** Options of {@link psn}. */
export interface PsnOptions extends ParallelOptions {
  /** Only the steps `t - order + 1` to `t` contribute to step `t`: the masked form. Default: all, including later ones. */
  order?: number;
  /**
   * With an `order`: the strength of the mask, from 0 (no mask) to 1; see {@link timeMixture}. Default: the mask is complete,
   * and there is no such tensor.
   */
  lambda?: number;
}

/**
 * Parallel spiking neurons (W. Fang et al., NeurIPS 2023): without state and reset, so that all steps of a sequence are
 * computed at once; `s[t] = 1 where Σ weight[t, s] x[s] + bias[t] >= 0`. With `order` masked: step `t` depends only on the
 * steps `t - order + 1` to `t`, and a session runs them one by one. Spread the two layers into a network. As SpikingJelly's
 * `PSN` and `MaskedPSN`, whose mask may become complete during training: `lambda` from 0 (no mask) to 1. Without a mask every
 * step also depends on those beyond the `lengths` of samples.
 *
 * @param steps - number of steps of every sequence, from 1 to 65,536
 * @example
 * ```ts
 * sequential(dense(20, 64), ...psn(30), dense(64, 2), li({ beta: 0.9 }));
 * ```
 * @example
 * ```ts
 * // The mask of order 4 closes over the first eighth of the epochs, as in the paper.
 * const model = await sequential(dense(20, 64), ...psn(30, { order: 4, lambda: 0, name: 'psn' }), dense(64, 2), li({ beta: 0.9 })).compile();
 * const onEpoch = ({ epoch }) => model.setWeights({ 'psn.time.lambda': Float32Array.of(Math.min(1, (8 * epoch) / (epochs - 1))) });
 * await model.fit(data, { epochs, loss: loss.crossEntropyMembrane(), callbacks: { onEpoch } });
 * ```
 * @returns two layers that keep the shape of their input; weights `[steps, steps]` and bias `[steps]` are those of the first
 * @throws LapicqueError `invalid-parameter` for a number of steps, an order or a lambda out of range; `unsupported` for a
 * session without an order and a complete mask; `shape-mismatch` for a run with another number of steps
 */
export function psn(steps: number, options: PsnOptions = {}): readonly [Mixture, Neuron] {
  checkOptions('psn', options, ['name', 'surrogate', 'order', 'lambda']);
  const { order, lambda, ...rest } = options;
  integer('psn.steps', steps, { min: 1, max: 2 ** 16 });
  if (order !== undefined) integer('psn.order', order, { min: 1, max: steps });
  if (lambda !== undefined && order === undefined) invalid('psn.lambda', lambda, 'an order as well');
  if (lambda !== undefined) finite('psn.lambda', lambda, { min: 0, max: 1 });
  const initialBias = { kind: 'constant', value: -1 } as const;
  const more = { ...(order === undefined ? {} : { order }), ...(lambda === undefined ? {} : { lambda }) };
  return [timeMixture(steps, { initialBias, ...more, ...timeName(rest) }), fires(rest)];
}

/**
 * Sliding parallel spiking neurons (W. Fang et al., NeurIPS 2023): `s[t] = 1 where Σ kernel[lag] x[t - lag] + bias >= 0` over
 * `order` lags, with one learned kernel for all neurons, for sequences of any length and for sessions. SpikingJelly's
 * `SlidingPSN` has its weights in reverse order; initial values are `2^-lag` and a bias of -1, as there.
 *
 * @param order - number of lags, from 1 to 65,536
 * @returns two layers that keep the shape of their input; weights `[1, order]` and bias `[1]` are those of the first
 * @throws LapicqueError `invalid-parameter` for an order below 1
 */
export function slidingPsn(order: number, options: ParallelOptions = {}): readonly [Filter, Neuron] {
  checkOptions('slidingPsn', options, ['name', 'surrogate']);
  integer('slidingPsn.order', order, { min: 1, max: 2 ** 16 });
  const kernel = Array.from({ length: order }, (_, lag) => 2 ** -lag);
  const initialBias = { kind: 'constant', value: -1 } as const;
  return [timeFilter(kernel, { bias: true, initialBias, ...timeName(options) }), fires(options)];
}

function timeName({ name }: ParallelOptions): { name?: string } {
  return name === undefined ? {} : { name: `${name}.time` };
}

function fires({ surrogate = atan(), name }: ParallelOptions): Neuron {
  return threshold({ vThreshold: 0, surrogate, ...(name === undefined ? {} : { name }) });
}
