/** Task F, networks with memory: a spiking LSTM, and Legendre memory units step by step and all steps at once. */

import { adam, dense, graph, type Loss, loss, type Network, networks } from 'lapicque';
import { li, rateUnit, slstm } from 'lapicque/neurons';
import type { BenchOptions, Machine } from '../index.d.ts';
import { type Problem, seeds } from './problem.ts';
import { labels, uniform } from './random.ts';

/** A network on numbers between 0 and 1, `[T, samples, channels]`, and a class for each sample; Adam 1e-3. */
async function problemOf(
  machine: Machine,
  network: Network,
  channels: number,
  loss: Loss,
  { T, samples, seed }: { T: number; samples: number; seed: number },
): Promise<Problem> {
  const rng = machine.numpyRng(seeds.data + seed);
  const x = uniform(rng, T * samples * channels);
  return {
    model: await network.compile({ seed: seeds.weights + seed }),
    batch: { x, y: labels(rng, 10, samples), shape: [T, samples, channels] },
    loss,
    optimizer: adam({ lr: 1e-3 }),
    T,
    samples,
    branched: true,
  };
}

/** 64-128-128, both layers snnTorch's SLSTM with two biases as torch's, a readout of the mean membrane; T 50, a batch of 64. */
export async function slstmProblem(
  { T = 50, batch: samples = 64, seed = 0 }: BenchOptions,
  machine: Machine,
): Promise<Problem> {
  const [channels, hidden] = [64, 128];
  const layer = () => slstm({ recurrent: 'dense', neurons: hidden });
  const network = graph({
    inputs: [channels],
    nodes: {
      gates1: dense(channels, 4 * hidden),
      lstm1: layer(),
      gates2: dense(hidden, 4 * hidden),
      lstm2: layer(),
      readout: dense(hidden, 10),
      out: li({ beta: 0 }),
    },
    edges: [
      ['input', 'gates1'],
      ['gates1', 'lstm1'],
      ['lstm1', 'gates2'],
      ['gates2', 'lstm2'],
      ['lstm2', 'readout', { state: 'v' }],
      ['readout', 'out'],
    ],
    output: 'out',
  });
  return problemOf(machine, network, channels, loss.crossEntropyMeanMembrane(), { T, samples, seed });
}

const [order, hidden] = [256, 212];

/**
 * One memory of 256 polynomials over 196 steps and 212 hidden units; the last step is the output; T 196, a batch of 64.
 */
export async function lmuProblem(
  { T = 196, batch: samples = 64, seed = 0 }: BenchOptions,
  machine: Machine,
): Promise<Problem> {
  const network = networks.lmu({ inputs: 1, classes: 10, order, theta: 196, hidden });
  return problemOf(machine, network, 1, loss.crossEntropyMembrane({ from: T - 1 }), { T, samples, seed });
}

/**
 * The same without feedback to the memory, whose steps are computed all at once (Chilkuri and Eliasmith 2021);
 * rectified hidden units.
 */
export async function lmuParallelProblem(
  { T = 196, batch: samples = 64, seed = 0 }: BenchOptions,
  machine: Machine,
): Promise<Problem> {
  const network = networks.lmu({
    inputs: 1,
    classes: 10,
    order,
    theta: 196,
    hidden,
    feedback: [],
    recurrent: false,
    bias: true,
    parallel: true,
    neuron: rateUnit({ activation: 'relu' }),
  });
  return problemOf(machine, network, 1, loss.crossEntropyMembrane({ from: T - 1 }), { T, samples, seed });
}
