/**
 * The least time of a task on this machine: what its arithmetic and traffic take at the rates of loops of nothing else. The work follows
 * from shapes and from what the engine counts, never from constants of a task. A bound, not a prediction: lists, gaps between layers,
 * states that leave the registers and the like are not counted.
 */
import type { NeuronOperations } from 'lapicque';
import type { LayerOperations } from 'lapicque/chip';
import type { CacheLevels, Least, MachineRates, ModelWork, NetworkWork, Parts } from '../index.d.ts';
import { round } from './measure.ts';

/** The sum of the parts in ms, and its share of the measured time. */
export function least(parts: Parts, measured: number): Least {
  const sum = Object.values(parts).reduce((all, part) => all + part, 0);
  const rounded = Object.entries(parts)
    .filter(([, part]) => part > 0)
    .map(([name, part]) => [name, round(part, 4)] as const);
  return { least_ms: round(sum, 4), parts_ms: Object.fromEntries(rounded), share: round(sum / measured, 3) };
}

/** What `--limits` adds to the line of a task. */
export function shareOf(result: Readonly<Record<string, unknown>>): string[] {
  const { least_ms: least, share } = result as Partial<Least>;
  return least === undefined || share === undefined
    ? []
    : [`least ${least.toPrecision(3)} ms, share ${share.toFixed(2)}`];
}

/** The rate of a table of which each thread reads `bytes` again and again. What a cache cannot hold whole is read from the next one. */
function rateOf({ l1, l2, l3, memory }: CacheLevels, bytes: number): number {
  // Second-level caches have 0.5 to 2 MiB, of third-level ones a thread has 4 to 16 MiB.
  if (bytes <= 32 * 1024) return l1;
  if (bytes <= 1024 ** 2) return l2;
  return bytes <= 16 * 1024 ** 2 ? l3 : memory;
}

/**
 * Seconds of a layer's additions. Those of a batch can be ordered so that the weights come from the first-level cache each time but the
 * first; of one sample, what a step reads comes from where it fits.
 */
function additionSeconds(
  { effectiveAcs }: LayerOperations,
  { samples, steps }: ModelWork,
  rates: MachineRates,
): number {
  const { rowAdditions } = rates;
  const rate = samples > 1 ? rowAdditions.l1 : rateOf(rowAdditions, (4 * effectiveAcs) / steps);
  return (samples * effectiveAcs) / rate;
}

/** Seconds of `count` evaluations of a neuron's step. */
function neuronSeconds(count: number, operations: NeuronOperations, rates: MachineRates): number {
  const { arithmetic, exponentials, divisions } = operations;
  // An instruction of a vector does one operation for each number; `dense` counts two for a multiply-add.
  const each =
    (2 * arithmetic) / rates.dense + exponentials / rates.exponentials + divisions / rates.divisions;
  return count * each;
}

/** Multiply-adds of a layer for all samples. Those of the first layer with weights are computed once where the input is constant. */
function macs(layer: LayerOperations, { layers, samples, steps, constant }: ModelWork): number {
  const isFirst = layer === layers.find(({ weights }) => weights > 0);
  return (samples * layer.effectiveMacs) / (constant && isFirst ? steps : 1);
}

/** A forward pass. */
export function forwardParts(work: ModelWork, rates: MachineRates): Parts {
  const { layers, info, samples, steps } = work;
  let [additions, products, neurons] = [0, 0, 0];
  for (const layer of layers) {
    additions += additionSeconds(layer, work, rates);
    products += (2 * macs(layer, work)) / rates.dense;
  }
  for (const { neurons: size, operations } of info.layers)
    neurons += neuronSeconds(samples * steps * size, operations.forward, rates);
  return {
    'additions of weights': 1000 * additions,
    'dense products': 1000 * products,
    neurons: 1000 * neurons,
  };
}

/**
 * A training step: the forward pass, and backward the neurons, the gradients of the weights (as many additions or products as forward)
 * and of all inputs but the network's own (a dense product, because the gradient of an input that does not spike is not zero), and the
 * optimizer.
 */
export function trainingParts(work: ModelWork, rates: MachineRates): Parts {
  const { layers, info, samples, steps } = work;
  const forward = forwardParts(work, rates);
  const weighted = layers.filter(({ weights }) => weights > 0);
  // The input of the first layer with weights is the network's own.
  const inputs = weighted.slice(1).reduce((sum, { dense }) => sum + (2 * samples * dense) / rates.dense, 0);
  const neurons = info.layers.reduce(
    (sum, { neurons: size, operations }) =>
      sum + neuronSeconds(samples * steps * size, operations.backward, rates),
    0,
  );
  return {
    ...forward,
    'neurons backward': 1000 * neurons,
    'gradients of weights, additions': forward['additions of weights']!,
    'gradients of weights, products': forward['dense products']!,
    'gradients of inputs': 1000 * inputs,
    optimizer: 1000 * optimizerSeconds(info.parameterCount, rates),
  };
}

/** Adam: a quotient, a root and about ten operations for each weight; four arrays are read and three written. */
function optimizerSeconds(weights: number, rates: MachineRates): number {
  const arithmetic = weights * ((2 * 10) / rates.dense + 2 / rates.divisions);
  const [read, written] = [4 * 4 * weights, 3 * 4 * weights];
  // Beyond 32 MiB no cache holds them from one step to the next.
  const traffic = read + written > 32 * 1024 ** 2 ? (read + written) / Math.max(rates.read, rates.copy) : 0;
  return Math.max(arithmetic, traffic);
}

/** A run of a large network. */
export function networkParts(work: NetworkWork, rates: MachineRates): Parts {
  const { steps, threads, events, wholeRows, synapses, synapseBytes, populations, drawing, meetings } = work;
  const neurons = populations.reduce((sum, { size }) => sum + size, 0);
  // The sums of one step, of one input.
  const [rows, scattered] = [rates.rowAdditions, rates.scatteredAdditions].map((levels) =>
    rateOf(levels, (4 * neurons) / threads),
  ) as [number, number];
  const added = events * (wholeRows / rows + (1 - wholeRows) / scattered);
  const isInMemory = synapseBytes > 32 * 1024 ** 2;
  const traffic = isInMemory ? (events * synapseBytes) / Math.max(1, synapses) / rates.read : 0;
  const updates = populations.reduce(
    (sum, { size, operations }) => sum + neuronSeconds(steps * size, operations, rates),
    0,
  );
  return {
    'delivery of spikes': 1000 * Math.max(added, traffic),
    neurons: 1000 * updates,
    'random numbers': (1000 * steps * drawing) / rates.randomWords,
    barriers: 1000 * meetings * rates.barrier,
  };
}
