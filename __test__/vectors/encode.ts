/** Encoders: spikes from values and from labels. */
import { encode, encodeTargets, type LatencyOptions, type TargetOptions } from '../../src-ts/doors/data.ts';
import { labels } from './loss.ts';
import {
  BadCase,
  type Json,
  type Numbers,
  number,
  object,
  renamed,
  type SideCar,
  Skip,
  text,
} from './side-car.ts';
import type { Comparison } from './tolerance.ts';

const names = {
  num_steps: 'steps',
  first_spike_time: 'firstSpikeTime',
  on_target: 'onTarget',
  off_target: 'offTarget',
  off_spike: 'offSpike',
  correct_rate: 'correctRate',
  incorrect_rate: 'incorrectRate',
  firing_pattern: 'firingPattern',
  num_classes: null,
  code: 'code',
  threshold: 'threshold',
  tau: 'tau',
  clip: 'clip',
  normalize: 'normalize',
  linear: 'linear',
  interpolate: 'interpolate',
  bypass: 'bypass',
  epsilon: 'epsilon',
  padding: 'padding',
  gain: 'gain',
  offset: 'offset',
} as const;

/** `check: 'encode'` */
export async function encoding(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const model = text(entry.model, 'model');
  const run =
    { 'spikegen.latency': latency, 'spikegen.delta': delta, 'spikegen.rate': rate }[model] ?? targets[model];
  if (run === undefined) throw new Skip(`the encoder ${model} is not built yet`);
  await run(car, entry, comparison);
}

function options(entry: Json): Record<string, unknown> {
  const renamedOptions = renamed(object(entry.params, 'params'), names, `${entry.model}: the option`);
  // snnTorch writes False for what is not given.
  if (renamedOptions.steps === false || renamedOptions.steps === null) delete renamedOptions.steps;
  return renamedOptions;
}

function shaped({ data, shape }: Numbers): { x: Float32Array; shape: readonly number[] } {
  return { x: Float32Array.from(data), shape };
}

async function latency(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const data = shaped(car.tensor(entry.input));
  // snnTorch drops what would spike after the last step.
  const latencyOptions: LatencyOptions = { bypass: true, ...options(entry) };
  const expected = object(entry.expected, 'expected');
  const times = await encode.latencyTimes(data, latencyOptions);
  const { x, shape } = await encode.latency(data, latencyOptions);
  comparison.expected(expected.spk, x, shape, { times });
  if (expected.time !== undefined) comparison.expected(expected.time, times, data.shape);
}

async function delta(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const { x, shape } = await encode.delta(shaped(car.tensor(entry.input)), options(entry));
  // A spike an element: the axis of time is there, the shape that of the data.
  comparison.expected(object(entry.expected, 'expected').spk, x, shape);
}

const targets: Readonly<Record<string, typeof latency>> = {
  async 'spikegen.targets_convert'(car, entry, comparison) {
    const params = object(entry.params, 'params');
    const encoderOptions = options(entry);
    if (encoderOptions.code === 'latency') encoderOptions.bypass ??= true;
    // With these rates the target is the same at every step, and snnTorch gives it without an axis of time.
    const { correctRate = 1, incorrectRate = 0, firstSpikeTime = 0 } = encoderOptions;
    if (encoderOptions.code === 'rate' && correctRate === 1 && incorrectRate === 0 && firstSpikeTime === 0) {
      delete encoderOptions.steps;
    }
    const classes = number(params.num_classes, 'num_classes');
    const { x, shape } = await encodeTargets(
      labels(car.tensor(entry.input)),
      classes,
      encoderOptions as TargetOptions,
    );
    comparison.expected(object(entry.expected, 'expected').out, x, shape);
  },
};

/** Probabilities, the mean of many draws, and the silence before the first spike. */
async function rate(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const { gain, offset, n_mean, ...others } = object(entry.params, 'params');
  const scale = { gain: number(gain ?? 1, 'gain'), offset: number(offset ?? 0, 'offset') };
  const steps = number(n_mean, 'n_mean');
  const inputs = object(entry.inputs, 'inputs');
  const expected = object(entry.expected, 'expected');
  const data = shaped(car.tensor(inputs.data));
  const { mean_rate: mean, prob, ...late } = expected;
  comparison.expected(prob, await encode.rateProbabilities(data, scale), data.shape);
  const { x } = await encode.rate(data, { ...scale, steps });
  const sums = new Float64Array(data.x.length);
  x.forEach((spike, i) => {
    sums[i % sums.length]! += spike;
  });
  comparison.expected(
    mean,
    sums.map((sum) => sum / steps),
    data.shape,
  );
  const [runs, rasters] = [Object.values(others), Object.values(late)];
  if (runs.length !== rasters.length) throw new BadCase('the late rasters are not those of the parameters');
  for (const [i, run] of runs.entries()) {
    const { input, ...rest } = object(run, 'params');
    const raster = await encode.rate(shaped(car.tensor(input)), options({ ...entry, params: rest }));
    comparison.expected(rasters[i], raster.x, raster.shape);
  }
}
