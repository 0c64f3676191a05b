/** The networks and data of the tasks that train on one fixed batch. */

import {
  adam,
  dense,
  globalAvgPool,
  input,
  type Layer,
  type Loss,
  loss,
  type Model,
  networks,
  type Optimizer,
  sequential,
  type TrainingBatch,
} from 'lapicque';
import { cubaLif, li, lif, type Surrogate, surrogate } from 'lapicque/neurons';
import type { BenchOptions, Machine } from '../index.d.ts';
import { bernoulli, images, labels, weights } from './random.ts';

/** A network, its batch and its training options. */
export interface Problem {
  model: Model;
  batch: TrainingBatch;
  loss: Loss;
  optimizer: Optimizer;
  /** Steps of a constant input; absent for spikes. */
  steps?: number;
  T: number;
  samples: number;
  /** Not a chain of dense layers: its synaptic operations are counted in a separate run. */
  branched?: boolean;
}

export const seeds = { data: 1234, weights: 42 };

/** Tasks A: 784-1000-10, T 25, a batch of 128, Adam 5e-4; the loss is summed over the steps. */
export async function denseProblem(
  input: 'static' | 'rate',
  { size = [784, 1000, 10], T = 25, batch: samples = 128, seed = 0 }: BenchOptions,
  machine: Machine,
): Promise<Problem> {
  const [channels, classes] = [size[0]!, size.at(-1)!];
  const rng = machine.numpyRng(seeds.data + seed);
  const image = images(rng, samples, channels);
  const y = labels(rng, classes, samples);
  const x = input === 'static' ? image : bernoulli(rng, T, samples * channels, (i) => image[i]!);
  const neuron = () => lif({ beta: 0.95, surrogate: surrogate.atan({ alpha: 2 }) });
  const model = await network(
    machine,
    size,
    size.slice(1).map(() => 1),
    seed,
    neuron,
    neuron,
  );
  return {
    model,
    batch: { x, y, shape: input === 'static' ? [samples, channels] : [T, samples, channels] },
    loss: loss.crossEntropyMembrane({ perStep: 'sum' }),
    optimizer: adam({ lr: 5e-4 }),
    ...(input === 'static' ? { steps: T } : {}),
    T,
    samples,
  };
}

/** Chosen so that 5 % of the neurons of every layer spike in a step; the last is repeated in deeper networks. */
const deepGains = [3.66, 3.332, 3.108, 3.21, 3.178];

/** Task D: 5 × 1024 and an integrator, T 100, a batch of 64, 5 % of the inputs active, Adam 1e-4. */
export async function deepProblem(
  { layers = 5, width = 1024, T = 100, batch: samples = 64, seed = 0 }: BenchOptions,
  machine: Machine,
): Promise<Problem> {
  const classes = 10;
  const rng = machine.numpyRng(seeds.data + seed);
  const probability = Math.fround(0.05);
  const x = bernoulli(rng, T, samples * width, () => probability);
  const y = labels(rng, classes, samples);
  const size = [...Array<number>(layers + 1).fill(width), classes];
  const gains = Array.from({ length: layers }, (_, i) => deepGains[Math.min(i, deepGains.length - 1)]!);
  const hidden = (own: Surrogate) => () => lif({ beta: 0.9, surrogate: own });
  const model = await network(
    machine,
    size,
    [...gains, 1],
    seed,
    hidden(surrogate.fastSigmoid({ slope: 25 })),
    () => li({ beta: 0.9 }),
  );
  return {
    model,
    batch: { x, y, shape: [T, samples, width] },
    loss: loss.crossEntropyMeanMembrane(),
    optimizer: adam({ lr: 1e-4 }),
    T,
    samples,
  };
}

/** Task B: 12C5-MP2-64C5-MP2-10 on constant images, T 50, a batch of 128, Adam 1e-3. */
export async function convProblem(
  { T = 50, batch: samples = 128, seed = 0 }: BenchOptions,
  machine: Machine,
): Promise<Problem> {
  const rng = machine.numpyRng(seeds.data + seed);
  const x = images(rng, samples, 784);
  const y = labels(rng, 10, samples);
  const model = await networks.convSnn().compile();
  const own = machine.numpyRng(seeds.weights + seed);
  const layers: [string, number, number, number][] = [
    ['conv1', 12, 25, 2.955],
    ['conv2', 64, 300, 1.837],
    ['dense1', 10, 1024, 3.886],
  ];
  for (const [name, outputs, inputs, gain] of layers) {
    await model.setWeights({
      [`${name}.weight`]: weights(own, outputs, inputs, gain),
      [`${name}.bias`]: new Float32Array(outputs),
    });
  }
  return {
    model,
    batch: { x, y, shape: [samples, 1, 28, 28] },
    loss: loss.crossEntropyRate(),
    optimizer: adam({ lr: 1e-3 }),
    steps: T,
    T,
    samples,
  };
}

/**
 * Task F, attention: one block of Spikformer with 256 channels and 8 heads over 8 × 8 tokens, T 4, a batch of 16, batch norm
 * in training, 15 % of the inputs active, and a readout of the mean over tokens and time; Adam 1e-3.
 */
export async function attentionProblem(
  { T = 4, batch: samples = 16, seed = 0 }: BenchOptions,
  machine: Machine,
): Promise<Problem> {
  const [channels, height, width, classes] = [256, 8, 8, 10];
  const rng = machine.numpyRng(seeds.data + seed);
  const probability = Math.fround(0.15);
  const x = bernoulli(rng, T, samples * channels * height * width, () => probability);
  const y = labels(rng, classes, samples);
  const layers: Layer[] = [
    input(channels, height, width),
    ...networks.spikformerBlock(channels, { heads: 8 }),
    globalAvgPool(),
    dense(channels, classes),
    li({ beta: 0 }),
  ];
  const model = await layered(...layers).compile({ seed: seeds.weights + seed });
  return {
    model,
    batch: { x, y, shape: [T, samples, channels, height, width] },
    loss: loss.crossEntropyMeanMembrane(),
    optimizer: adam({ lr: 1e-3 }),
    T,
    samples,
    branched: true,
  };
}

/**
 * Task C: 700-256-256-20, both hidden populations current-based and recurrent with a bias, an integrator at the end; T
 * 100, a batch of 256, 1.5 % of the inputs active, Adam 1e-3.
 */
export async function shdProblem(
  { T = 100, batch: samples = 256, seed = 0 }: BenchOptions,
  machine: Machine,
): Promise<Problem> {
  const [channels, hidden, classes] = [700, 256, 20];
  const rng = machine.numpyRng(seeds.data + seed);
  const probability = Math.fround(0.015);
  const x = bernoulli(rng, T, samples * channels, () => probability);
  const y = labels(rng, classes, samples);
  const zeros = { initial: { kind: 'zeros' }, initialBias: { kind: 'zeros' } } as const;
  const recurrent = (name: string) =>
    cubaLif({
      name,
      alpha: 0.9,
      beta: 0.95,
      recurrent: { kind: 'dense', ...zeros },
      surrogate: surrogate.fastSigmoid({ slope: 25 }),
    });
  const model = await sequential(
    dense(channels, hidden, { name: 'dense1', ...zeros }),
    recurrent('hidden1'),
    dense(hidden, hidden, { name: 'dense2', ...zeros }),
    recurrent('hidden2'),
    dense(hidden, classes, { name: 'dense3', ...zeros }),
    li({ beta: 0.95 }),
  ).compile();
  const own = machine.numpyRng(seeds.weights + seed);
  // In the order in which they are drawn.
  const layers: [string, number, number, number][] = [
    ['dense1', hidden, channels, 0.8277],
    ['hidden1.recurrent', hidden, hidden, 0.25],
    ['dense2', hidden, hidden, 0.2606],
    ['hidden2.recurrent', hidden, hidden, 0.25],
    ['dense3', classes, hidden, 1],
  ];
  for (const [name, outputs, inputs, gain] of layers) {
    await model.setWeights({ [`${name}.weight`]: weights(own, outputs, inputs, gain) });
  }
  return {
    model,
    batch: { x, y, shape: [T, samples, channels] },
    loss: loss.crossEntropyMeanMembrane(),
    optimizer: adam({ lr: 1e-3 }),
    T,
    samples,
  };
}

/** Layers whose number the types do not know. */
const layered = sequential as (...layers: Layer[]) => ReturnType<typeof sequential>;

/** Dense layers with the specified weights and biases of zero, all of them trained. */
async function network(
  machine: Machine,
  size: readonly number[],
  gains: readonly number[],
  seed: number,
  hidden: () => Layer,
  output: () => Layer,
): Promise<Model> {
  const zeros = { initial: { kind: 'zeros' }, initialBias: { kind: 'zeros' } } as const;
  const layers = gains.flatMap((_, i): Layer[] => [
    dense(size[i]!, size[i + 1]!, { name: `dense${i + 1}`, ...zeros }),
    (i === gains.length - 1 ? output : hidden)(),
  ]);
  const model = await layered(...layers).compile();
  const rng = machine.numpyRng(seeds.weights + seed);
  for (const [i, gain] of gains.entries()) {
    await model.setWeights({ [`dense${i + 1}.weight`]: weights(rng, size[i + 1]!, size[i]!, gain) });
  }
  return model;
}
