/** Spike encoders and decoders: conversion between values and spikes. */
import {
  options as checkOptions,
  finiteOutputs,
  flag,
  integer,
  invalid,
  typedArray,
} from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { unknownOption } from '../checks/peer-names.ts';
import {
  type Check,
  checkForm,
  checkKind,
  choice,
  type Form,
  listOf,
  number,
  oneOfOption,
  whole,
} from '../checks/plain-data.ts';
import { isKind } from '../checks/typed.ts';
import { isWhole, stepCounts, unsigned, type WholeNumbers } from '../checks/whole-numbers.ts';
import { addon, task, unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { type RandomStream, randomStream } from '../numbers/random-streams.ts';

/** Spikes (or, with `interpolate`, membrane targets) `[time, …]`, where `…` is the shape of the encoded data. */
export interface Encoded {
  /** 0 and 1, or the values that the options of targets set; `[time, …]` */
  x: Float32Array;
  shape: number[];
  steps: number;
}

/**
 * Options of every random encoder. The same seed and stream give the same spikes for any number of threads.
 *
 * | | without `stream` | with |
 * | --- | --- | --- |
 * | in a `transform`, `collate` or dataset of a {@link DataLoader}
 * each sample draws by seed (default the loader's), epoch, its index in the source and the number of the call in the
 * function
 * that stream of the seed (default the loader's) |
 * | elsewhere, with `seed`
 * stream 0: every call gives the same spikes
 * that stream |
 * | elsewhere, without `seed`
 * each call draws from the next stream of {@link setSeed}'s seed
 * that stream of its seed |
 */
export interface RandomOptions extends TaskOptions {
  /** An integer from 0; default the loader's seed, elsewhere that of {@link setSeed}. */
  seed?: number;
  /**
   * Selects one of the independent streams of a seed. Default: by seed, epoch and sample in a loader; elsewhere 0 with
   * a `seed`, and the next stream without one.
   */
  stream?: number;
}

/** Options of {@link encode}.rate. */
export interface RateOptions extends RandomOptions {
  /** Number of steps, for data without a time axis. If absent, the first axis of the data is time. */
  steps?: number;
  /** Default 1. */
  gain?: number;
  /** Default 0. */
  offset?: number;
  /** Steps before this are silent; data with a time axis get this number of silent steps in front. */
  firstSpikeTime?: number;
}

/** Options of {@link encode}.latency, as snnTorch's `spikegen.latency`. */
export interface LatencyOptions extends TaskOptions {
  /** Required unless `bypass` is set; then the default is the step of the latest spike. */
  steps?: number;
  /** Values are from 0 to 1; a value at or below the threshold spikes at the last step. Default 0.01. */
  threshold?: number;
  /** In steps; default 1. */
  tau?: number;
  /** The earliest possible step of a spike; default 0. */
  firstSpikeTime?: number;
  /** Value of a spike; default 1. */
  onTarget?: number;
  /** Value without a spike; default 0, and at least 0 unless `interpolate` is set, as in snnTorch. */
  offTarget?: number;
  /** Removes the spikes of values below the threshold. */
  clip?: boolean;
  /** Scales the times to the range of all steps. */
  normalize?: boolean;
  /** Spike times decrease linearly with the value, rather than by the charging curve of an RC circuit. */
  linear?: boolean;
  /** Replaces a spike by values that rise linearly up to its step: a target for a membrane. */
  interpolate?: boolean;
  /** Drops spikes after the last step; without it they are an error. */
  bypass?: boolean;
  /** Minimum distance of a value above the threshold, where the spike time would be infinite; default 1e-7. */
  epsilon?: number;
}

/** Options of {@link encode}.population. */
export interface PopulationCodeOptions {
  /** Neurons per value, at least 3. Default 8. */
  neurons?: number;
  /** Range of the values. Default 0 to 1. */
  min?: number;
  max?: number;
  /** The width of a field is the distance of two centers divided by this. Default 1.5. */
  beta?: number;
  /** Fields with an excitation below this do not spike. Default 0.1. */
  cutoff?: number;
}

/** Options of {@link encode}.burst. */
export interface BurstOptions {
  /** Number of spikes for the value 1. Default 5. */
  spikes?: number;
  /** Interval of its spikes in steps. Default 2. */
  shortest?: number;
  /** Largest interval, for small values, in steps; default: the largest that fits. */
  longest?: number;
}

interface Raster {
  steps: number;
  width: number;
  values: Float32Array;
}

/** Values to encode, with their shape. */
export type ShapedData = { x: Float32Array; shape: readonly number[] };

const yesOrNo: Check = flag;
const rate: Form = { options: { gain: number, offset: number, firstSpikeTime: whole(0) } };
const latency: Form = {
  options: {
    steps: whole(1),
    threshold: number,
    tau: number,
    firstSpikeTime: whole(0),
    onTarget: number,
    offTarget: number,
    clip: yesOrNo,
    normalize: yesOrNo,
    linear: yesOrNo,
    interpolate: yesOrNo,
    bypass: yesOrNo,
    epsilon: number,
  },
};

/** Options of each encoder of the engine, except seed and stream. */
const encoders: Readonly<Record<string, Form>> = {
  rate,
  'rate-in-time': rate,
  'rate-probabilities': rate,
  poisson: { options: { dt: number, counts: yesOrNo } },
  latency,
  'latency-times': latency,
  delta: { options: { threshold: number, padding: yesOrNo, offSpike: yesOrNo } },
  direct: { options: { gain: number, offset: number } },
  'rank-order': { options: { samples: whole(1), threshold: number } },
  phase: { options: { period: whole(1) } },
  burst: { options: { spikes: whole(1), shortest: whole(1), longest: whole(1) } },
  population: {
    options: { neurons: whole(3), min: number, max: number, beta: number, cutoff: number },
  },
  forward: { options: { threshold: number, window: whole(1) } },
  bsa: { options: { filter: listOf(number), threshold: number }, needed: ['filter'] },
};

const drawn = ['steps', 'seed', 'stream'];
const tasks = ['signal', 'onProgress'] as const;
/** Options of an encoder that TypeScript reads itself. */
const read: Readonly<Record<string, readonly string[]>> = {
  rate: drawn,
  'rate-in-time': drawn,
  poisson: drawn,
  direct: ['steps'],
  'rank-order': ['steps'],
  phase: ['steps'],
  burst: ['steps'],
  population: ['steps'],
};

/** Options of each code of targets, except the seed. */
const codes: Readonly<Record<string, Form>> = {
  rate: {
    options: {
      steps: whole(1),
      firstSpikeTime: whole(0),
      correctRate: number,
      incorrectRate: number,
      onTarget: number,
      offTarget: number,
      firingPattern: choice('regular', 'uniform', 'poisson'),
      interpolate: yesOrNo,
    },
  },
  latency,
};

const plain: Form = { options: {} };
const decoders: Record<Decoder['kind'], Form> = {
  'spike-count': plain,
  rate: plain,
  'max-membrane': plain,
  'mean-membrane': plain,
  'last-membrane': plain,
  'first-spike': plain,
  'population-vote': { options: { classes: whole(1) }, needed: ['classes'] },
};

/** An object of options. */
function given<T extends object>(options: T): T {
  if (typeof options !== 'object' || options === null) invalid('options', options, 'an object of options');
  return options;
}

function parts<T extends TaskOptions>(options: T): { own: Partial<T>; task: TaskOptions } {
  const { signal, onProgress, ...own } = given(options);
  return { own: own as Partial<T>, task: { signal, onProgress } };
}

/** `samples`: the number of samples along the sample axis, for encoders that draw. */
async function call(
  kind: string,
  data: Float32Array,
  steps: number,
  options: RandomOptions,
  samples?: number,
): Promise<Raster> {
  const { own, task: taskOptions } = parts(options);
  const { seed, stream, ...rest } = own as RandomOptions & Record<string, unknown>;
  const kept = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const [form, name] = [encoders[kind]!, `encode.${kind.replace(/-.*/, '')}`];
  const known = [...Object.keys(form.options), ...(read[kind] ?? [])];
  const other = Object.keys(kept).find((key) => !known.includes(key));
  if (other !== undefined) throw unknownOption(name, other, known);
  checkForm('', kept, form, name);
  const drawn = samples === undefined ? still : randomStream({ seed, stream }, samples);
  return task(taskOptions, (handle) =>
    addon.encode(kind, data, steps, JSON.stringify(kept), drawn.seed, drawn.stream, drawn.samples, handle),
  ) as Promise<Raster>;
}

/** For encoders that do not draw. */
const still: RandomStream = { seed: 0, stream: Float64Array.of(0) };

/** A list of integers, as text. */
function sizes(name: string, shape: unknown, min: number): readonly number[] {
  if (!Array.isArray(shape)) invalid(name, shape, 'a list of sizes');
  return shape.map((size, axis) => integer(`${name}[${axis}]`, size, { min }));
}

function checked(data: ShapedData): Float32Array {
  if (typeof data !== 'object' || data === null || Array.isArray(data) || ArrayBuffer.isView(data))
    invalid('data', data, 'an object { x, shape }');
  const x = typedArray('x', data.x, [Float32Array]);
  const shape = sizes('shape', data.shape, 0);
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== x.length) {
    throw new LapicqueError('shape-mismatch', {
      layer: 'data',
      expected: `[${shape.join(', ')}]`,
      got: `${x.length} values`,
    });
  }
  return x;
}

/** The number of steps of data whose first axis is time. */
function stepsOf(data: ShapedData): number {
  checked(data);
  if (data.shape.length > 0) return data.shape[0]!;
  const [expected, got] = ['[time, …] (or give `steps` for data without a time axis)', '[]'];
  throw new LapicqueError('shape-mismatch', { layer: 'data', expected, got });
}

function encoded(raster: Raster, inner: readonly number[]): Encoded {
  return { x: raster.values, shape: [raster.steps, ...inner], steps: raster.steps };
}

/**
 * Encoders. `data` is `{ x, shape }`; results are `[time, …shape]`. Random encoders (`rate`, `poisson`) draw anew in
 * each call unless a `seed` is given; in a {@link DataLoader} they draw by seed, epoch and sample: see {@link
 * RandomOptions}.
 */
export const encode = Object.freeze({
  /** Bernoulli: a spike with probability clamp(gain x + offset, 0, 1) at each step. */
  async rate(data: ShapedData, options: RateOptions = {}): Promise<Encoded> {
    const { steps, ...rest } = given(options);
    const x = checked(data);
    const { shape } = data;
    if (steps === undefined)
      return encoded(await call('rate-in-time', x, stepsOf(data), rest, shape[1] ?? 1), shape.slice(1));
    return encoded(await call('rate', x, integer('steps', steps, { min: 1 }), rest, shape[0] ?? 1), shape);
  },
  /** The spike probabilities of `rate`, in the shape of the data. */
  async rateProbabilities(
    data: ShapedData,
    options: { gain?: number; offset?: number } = {},
  ): Promise<Float32Array> {
    return (await call('rate-probabilities', checked(data), 1, options as RandomOptions)).values;
  },
  /**
   * One Poisson process per channel: rates in Hz, `dt` in ms (default 1). With `counts`, a step may have more than one
   * spike.
   */
  async poisson(
    rates: ShapedData,
    options: RandomOptions & { steps: number; dt?: number; counts?: boolean },
  ): Promise<Encoded> {
    const { steps, ...rest } = given(options);
    return encoded(
      await call('poisson', checked(rates), integer('steps', steps, { min: 1 }), rest, rates.shape[0] ?? 1),
      rates.shape,
    );
  },
  /** One spike per value, earlier for larger values: t = tau ln(x / (x - threshold)), or linear in x. */
  async latency(data: ShapedData, options: LatencyOptions = {}): Promise<Encoded> {
    return encoded(await call('latency', checked(data), 0, options as RandomOptions), data.shape);
  },
  /** The unrounded spike times of `latency`, in steps and in the shape of the data. */
  async latencyTimes(data: ShapedData, options: LatencyOptions = {}): Promise<Float32Array> {
    return (await call('latency-times', checked(data), 0, options as RandomOptions)).values;
  },
  /**
   * A spike where a value rises by at least `threshold` (default 0.1) from one step to the next; with `offSpike`, -1
   * where it falls by at least that. The first axis is time. Before the first step the values are 0, or with `padding`
   * those of the first step.
   */
  async delta(
    data: ShapedData,
    options: TaskOptions & { threshold?: number; padding?: boolean; offSpike?: boolean } = {},
  ): Promise<Encoded> {
    return encoded(
      await call('delta', checked(data), stepsOf(data), options as RandomOptions),
      data.shape.slice(1),
    );
  },
  /** The scaled value at every step: gain x + offset. */
  async direct(
    data: ShapedData,
    options: TaskOptions & { steps: number; gain?: number; offset?: number },
  ): Promise<Encoded> {
    const { steps, ...rest } = given(options);
    return encoded(
      await call('direct', checked(data), integer('steps', steps, { min: 1 }), rest),
      data.shape,
    );
  },
  /**
   * Rank order: the values of a sample (the first axis) fire one after the other, the largest first. The value of rank r of n spikes at
   * step floor(r steps / n); values at `threshold` (default 0) or below do not spike.
   */
  async rankOrder(
    data: ShapedData,
    options: TaskOptions & { steps: number; threshold?: number },
  ): Promise<Encoded> {
    const { steps, ...rest } = given(options);
    const x = checked(data);
    const samples = data.shape.length > 1 ? data.shape[0]! : 1;
    const own = { ...rest, samples } as RandomOptions;
    return encoded(await call('rank-order', x, integer('steps', steps, { min: 1 }), own), data.shape);
  },
  /**
   * Phase: the binary digits of a value from 0 to 1, one per step, the most significant first, repeated. `period` is
   * the number of digits (default 8).
   */
  async phase(data: ShapedData, options: TaskOptions & { steps: number; period?: number }): Promise<Encoded> {
    const { steps, ...rest } = given(options);
    return encoded(await call('phase', checked(data), integer('steps', steps, { min: 1 }), rest), data.shape);
  },
  /** Burst: a larger value from 0 to 1 gives more spikes at shorter intervals, starting at step 0. */
  async burst(data: ShapedData, options: TaskOptions & BurstOptions & { steps: number }): Promise<Encoded> {
    const { steps, ...rest } = given(options);
    const own = rest as RandomOptions;
    return encoded(await call('burst', checked(data), integer('steps', steps, { min: 1 }), own), data.shape);
  },
  /**
   * Population: each value excites neurons with overlapping Gaussian receptive fields. A neuron spikes earlier if the
   * value is closer to its center: `[time, …shape, neurons]`.
   */
  async population(
    data: ShapedData,
    options: TaskOptions & PopulationCodeOptions & { steps: number },
  ): Promise<Encoded> {
    const { steps, ...rest } = given(options);
    const own = rest as RandomOptions;
    const raster = await call('population', checked(data), integer('steps', steps, { min: 1 }), own);
    return encoded(raster, [...data.shape, rest.neurons ?? 8]);
  },
  /**
   * Step-forward: 1 or -1 where a signal is above or below a reference by more than `threshold` (default 0.1); the
   * reference then moves by the threshold. The first axis is time, and the first sample is the first reference.
   */
  async stepForward(data: ShapedData, options: TaskOptions & { threshold?: number } = {}): Promise<Encoded> {
    const { threshold, ...rest } = checkOptions('encode.stepForward', options, ['threshold', ...tasks]);
    return encoded(
      await call('forward', checked(data), stepsOf(data), { ...rest, threshold } as RandomOptions),
      data.shape.slice(1),
    );
  },
  /** Moving window: as step-forward, with the mean of the last `window` samples as the reference. */
  async movingWindow(
    data: ShapedData,
    options: TaskOptions & { window: number; threshold?: number },
  ): Promise<Encoded> {
    integer('window', given(options).window, { min: 1 });
    return encoded(
      await call('forward', checked(data), stepsOf(data), options as RandomOptions),
      data.shape.slice(1),
    );
  },
  /**
   * BSA (Ben's spiker algorithm): spikes whose convolution with `filter` approximates the signal, which must be between
   * 0 and the sum of the filter. A spike is set where it lowers the summed error by at least `threshold` (default 95 %
   * of the filter's sum of magnitudes).
   */
  async bsa(
    data: ShapedData,
    options: TaskOptions & { filter: ArrayLike<number>; threshold?: number },
  ): Promise<Encoded> {
    const { filter, ...rest } = given(options);
    const taps = Array.from(filter ?? []);
    const threshold = 0.95 * taps.reduce((sum, tap) => sum + Math.abs(tap), 0);
    const own = { threshold, ...rest, filter: taps } as RandomOptions;
    return encoded(await call('bsa', checked(data), stepsOf(data), own), data.shape.slice(1));
  },
});

/** The desired output for labels: options of {@link encodeTargets}, as in snnTorch's `targets_convert`. */
export type TargetOptions =
  | {
      code: 'rate';
      /** Number of steps. If absent, there is no time axis: `[batch, classes]`. */
      steps?: number;
      firstSpikeTime?: number;
      correctRate?: number;
      incorrectRate?: number;
      onTarget?: number;
      offTarget?: number;
      firingPattern?: 'regular' | 'uniform' | 'poisson';
      interpolate?: boolean;
      /** For the patterns `uniform` and `poisson`; see {@link RandomOptions}. */
      seed?: number;
    }
  | ({ code: 'latency'; seed?: number } & Omit<LatencyOptions, keyof TaskOptions>);

/** Labels as spike trains or targets: `[time, batch, classes]`, or `[batch, classes]` without steps. */
export async function encodeTargets(
  labels: WholeNumbers,
  classes: number,
  options: TargetOptions,
): Promise<Encoded> {
  if (!isWhole(labels)) typedArray('labels', labels, [Uint32Array, Uint8Array]);
  const classesOf = unsigned('labels', labels);
  const { seed, ...rest } = given(options);
  const { code, ...own } = rest;
  checkForm('', own, codes[oneOfOption('code', code, ['rate', 'latency'])]!, 'encodeTargets');
  integer('classes', classes, { min: 1 });
  // Only these patterns draw random spike times.
  const draws = code === 'rate' && (rest.firingPattern ?? 'regular') !== 'regular';
  const drawn = draws || seed !== undefined ? randomStream({ seed }, labels.length) : still;
  const raster = (await task({}, () =>
    addon.convertTargets(classesOf, classes, JSON.stringify(rest), drawn.seed, drawn.stream, drawn.samples),
  )) as Raster;
  const timeless = options.code === 'rate' && options.steps === undefined;
  const shape = timeless ? [labels.length, classes] : [raster.steps, labels.length, classes];
  return { x: raster.values, shape, steps: raster.steps };
}

/**
 * How outputs become a label. The score of a class is
 *
 * - `spike-count`, `rate`: its neuron's spikes, or spikes per step
 * - `first-spike`: minus the step of its first spike, the last step for a silent neuron
 * - `population-vote`: the spikes of its block of neurons, one of `classes` blocks of equal size
 * - `max-membrane`, `mean-membrane`, `last-membrane`: its membrane's maximum, mean, or value after the last step
 */
export type Decoder =
  | { kind: 'spike-count' | 'rate' | 'max-membrane' | 'mean-membrane' | 'last-membrane' | 'first-spike' }
  | { kind: 'population-vote'; classes: number };

/**
 * Labels from outputs `[time, batch, neurons]` (spikes or membrane, as the decoder requires): the class with the
 * largest score, and of several equal scores the lowest class.
 *
 * @param lengths - number of valid steps of each sample, `[batch]`
 * @returns `labels` `[batch]` and `scores` `[batch, classes]`
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `non-finite`
 */
export function decode(
  decoder: Decoder,
  outputs: Float32Array | Uint8Array,
  shape: readonly [number, number, number],
  lengths?: WholeNumbers,
): { labels: Uint32Array; scores: Float64Array } {
  typedArray('outputs', outputs, [Float32Array, Uint8Array]);
  const signal = isKind(outputs, Float32Array) ? outputs : Float32Array.from(outputs);
  if (sizes('shape', shape, 1).length !== 3) invalid('shape', shape, '[time, batch, neurons]');
  const counted = stepCounts('lengths', lengths);
  checkKind('decoder', decoder, decoders);
  finiteOutputs('outputs', signal, shape);
  return unwrap(addon.decode(JSON.stringify(decoder), signal, counted, ...shape));
}
