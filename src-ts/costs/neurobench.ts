/** The metrics of NeuroBench 2.3.0 by their names, from counts of a model. */
import type { ModelInfo } from '../compiled/model-info.ts';
import type { Description, NodeOf, NodeSpec } from '../description/description.ts';
import type { Counts } from './counts.ts';

/**
 * NeuroBench's metrics (J. Yik et al., Nature Communications 16, 2025; package `neurobench` 2.3.0), under the names of its classes.
 * Numbers of operations and updates are means over samples, each for its whole sequence.
 */
export interface NeuroBenchMetrics {
  /**
   * Bytes of parameters and buffers. Buffers are those that torch and snnTorch keep for the same network before its first run: means,
   * variances and a counter of a batch norm; threshold, decay factors, factor of the spikes and number of the reset of a population.
   */
  Footprint: number;
  /** Weights, biases and learned parameters of neurons. */
  ParameterCount: number;
  /**
   * Share of the weights of dense layers and convolutions that are zero, 0 to 1, to four decimals; 0 without such weights. null for a
   * network with an LSTM, whose biases NeuroBench counts too.
   */
  ConnectionSparsity: number | null;
  /**
   * Fraction of outputs that are zero, over all {@link NeuroBenchMetrics.ActivationSparsityByLayer} layers, samples and steps; 0 without such layers.
   */
  ActivationSparsity: number;
  /** The same by layer: spiking populations, and rate units with the activation `relu` or `sigmoid`. */
  ActivationSparsityByLayer: Record<string, number>;
  /**
   * Of dense layers and convolutions, recurrent ones included. null for a network with an LSTM: NeuroBench also counts the products of its gates,
   * which are not counted here.
   */
  SynapticOperations: {
    /** Non-zero weights times non-zero inputs, in steps where some input of the batch is not -1, 0 or 1. */
    Effective_MACs: number;
    /** The same in the other steps. */
    Effective_ACs: number;
    /** All weights at all steps; the padding of a convolution has none. */
    Dense: number;
  } | null;
  /** All neurons except rate units at the first step; at each later step the neurons whose membrane changed. */
  MembraneUpdates: number;
  /**
   * Membrane updates (or all neurons at all steps) times the operations of the neuron; null if NeuroBench has no number for a neuron of the network,
   * such as a recurrent one: its package then prints an error and returns 0.
   */
  NeuronOperations: { 'Effective Neuron Ops': number; 'Neuron Dense Ops': number } | null;
}

type Dynamics = NodeOf<'dynamics'>['dynamics'];

/** Operations of one update of a neuron, by model and reset: NeuroBench's table of Leaky, Synaptic, Lapicque and Alpha. */
const operationsOfNeuron: Record<string, Record<string, number>> = {
  lif: { subtract: 4, value: 4 },
  'cuba-lif': { subtract: 6, value: 8 },
  lapicque: { subtract: 11, value: 11 },
  alpha: { subtract: 18, value: 24 },
};

/** Operations of one update of a population's neuron; undefined where NeuroBench knows none. */
export function neuronOperations({ nodes, edges }: Description, name: string): number | undefined {
  const node = nodes.find((node) => node.name === name);
  if (node?.kind !== 'dynamics') return undefined;
  // RLeaky, RSynaptic: those whose spikes return to themselves, with or without weights of their own.
  const returns = new Set([name, `${name}.recurrent`]);
  if (edges.some(([from, to]) => from === name && returns.has(to))) return undefined;
  const { model, options } = node.dynamics;
  return operationsOfNeuron[model]?.[String(options.reset)];
}

/** The buffers of snnTorch's module: names of parameters that it keeps in each, and bytes of those that do not depend on the precision. */
const buffersOfNeuron: Record<string, { values: readonly (readonly string[])[]; bytes: number }> = {
  lif: { values: [['beta', 'tauMem']], bytes: 0 },
  'cuba-lif': {
    values: [
      ['alpha', 'tauSyn'],
      ['beta', 'tauMem'],
    ],
    bytes: 0,
  },
  alpha: {
    values: [
      ['alpha', 'tauSyn'],
      ['beta', 'tauMem'],
    ],
    bytes: 0,
  },
  // Of R and C snnTorch keeps one as a 64-bit integer 1 where `beta` alone was given.
  lapicque: { values: [['beta'], ['timeStep'], ['c']], bytes: 8 },
};

/** Bytes that torch keeps for a population beside its parameters. */
function neuronBuffers({ model, params, learn = [] }: Dynamics, bytesOfValue: number): number {
  const own = buffersOfNeuron[model];
  const size = (names: readonly string[]) => {
    const name = names.find((name) => name in params);
    if (name !== undefined && learn.includes(name)) return 0;
    const values = name === undefined ? 1 : params[name]!;
    return bytesOfValue * (typeof values === 'number' ? 1 : values.length);
  };
  if (own !== undefined) {
    const kept = [...own.values, ['vThreshold'], ['gradedSpikes']];
    // The number of the reset is a 64-bit integer.
    return kept.reduce((sum, names) => sum + size(names), own.bytes + 8);
  }
  // torch's activations keep nothing; of neurons that snnTorch lacks, every setting counts.
  if (model === 'rate-unit') return 0;
  return Object.keys(params).reduce((sum, name) => sum + size([name]), 0);
}

/** Whether NeuroBench counts the outputs of a population as activations. */
export function isActivation(node: NodeSpec, spiking: boolean): boolean {
  if (node.kind !== 'dynamics') return false;
  const { model, options } = node.dynamics;
  const counted = ['relu', 'sigmoid'].includes(String(options.activation));
  return spiking || (model === 'rate-unit' && counted);
}

/** Whether a population has a membrane: a rate unit is a function of its input, as torch's activations are. */
export function hasMembrane(node: NodeSpec): boolean {
  return node.kind === 'dynamics' && node.dynamics.model !== 'rate-unit';
}

/** Whether NeuroBench counts the weights of a layer: torch's Linear and Conv1d to Conv3d, not a transposed convolution. */
export function isCounted(node: NodeSpec): boolean {
  return node.kind === 'dense' || (node.kind === 'conv' && node.outputPadding === undefined);
}

/** Of a network: share of counted weights that are zero. */
export function connectionSparsity({ nodes }: Description, { connections }: Counts): number {
  const names = new Set(nodes.filter(isCounted).map(({ name }) => name));
  let [zero, all] = [0, 0];
  for (const { name, zeroWeights, weights } of connections) {
    if (!names.has(name)) continue;
    zero += zeroWeights;
    all += weights;
  }
  return roundedShare(zero, all);
}

/** All metrics of `counts`. */
export function neurobench(description: Description, info: ModelInfo, counts: Counts): NeuroBenchMetrics {
  const { samples, populations } = counts;
  const nodes = new Map(description.nodes.map((node) => [node.name, node]));
  const connections = counts.connections.filter(({ name }) => isCounted(nodes.get(name)!));
  // snnTorch's SLSTM holds an LSTMCell.
  const lstm = description.nodes.some((node) => node.kind === 'dynamics' && node.dynamics.model === 'slstm');
  const sum = <T>(list: readonly T[], value: (item: T) => number) =>
    list.reduce((total, item) => total + value(item), 0);
  const activations = populations.filter(({ name, spiking }) => isActivation(nodes.get(name)!, spiking));
  const outputs = (neurons: number) => neurons * counts.rows;
  const sparsity = (nonZero: number, all: number) => (all === 0 ? 0 : (all - nonZero) / all);
  const membranes = populations.filter(({ name }) => hasMembrane(nodes.get(name)!));
  return {
    ...memory(description, info),
    ConnectionSparsity: lstm ? null : connectionSparsity(description, counts),
    ActivationSparsity: sparsity(
      sum(activations, ({ nonZero }) => nonZero),
      sum(activations, ({ neurons }) => outputs(neurons)),
    ),
    ActivationSparsityByLayer: Object.fromEntries(
      activations.map(({ name, nonZero, neurons }) => [name, sparsity(nonZero, outputs(neurons))]),
    ),
    SynapticOperations: lstm
      ? null
      : {
          Effective_MACs: sum(connections, ({ effectiveMacs }) => effectiveMacs) / samples,
          Effective_ACs: sum(connections, ({ effectiveAcs }) => effectiveAcs) / samples,
          Dense: sum(connections, ({ dense }) => dense) / samples,
        },
    MembraneUpdates: sum(membranes, ({ membraneUpdates }) => membraneUpdates) / samples,
    NeuronOperations: ofNeurons(description, counts, activations),
  };
}

function ofNeurons(
  description: Description,
  { samples, rows }: Counts,
  activations: Counts['populations'],
): NeuroBenchMetrics['NeuronOperations'] {
  let [effective, dense] = [0, 0];
  for (const { name, membraneUpdates, neurons } of activations) {
    const operations = neuronOperations(description, name);
    if (operations === undefined) return null;
    effective += membraneUpdates * operations;
    dense += neurons * rows * operations;
  }
  return { 'Effective Neuron Ops': effective / samples, 'Neuron Dense Ops': dense / samples };
}

function memory(
  { precision, nodes }: Description,
  { parameters }: ModelInfo,
): Pick<NeuroBenchMetrics, 'Footprint' | 'ParameterCount'> {
  const bytes = precision === 'f64' ? 8 : 4;
  let [own, kept] = [0, 0];
  for (const { name, shape } of parameters) {
    const size = shape.reduce((product, axis) => product * axis, 1);
    if (/\.running(Mean|Variance)$/.test(name)) kept += size * bytes;
    else own += size;
  }
  for (const node of nodes) {
    // torch counts the batches of a norm in a 64-bit integer.
    if (node.kind === 'batch-norm') kept += 8;
    if (node.kind === 'dynamics') kept += neuronBuffers(node.dynamics, bytes);
  }
  return { Footprint: own * bytes + kept, ParameterCount: own };
}

/**
 * A share to four decimals. NeuroBench divides in single precision and rounds halves to even, and so does this; the product of a single
 * and 10,000 is exact in double precision.
 */
function roundedShare(part: number, all: number): number {
  if (all === 0) return 0;
  const scaled = Math.fround(part / all) * 10_000;
  const below = Math.floor(scaled);
  const fraction = scaled - below;
  const up = fraction > 0.5 || (fraction === 0.5 && below % 2 === 1);
  return (below + Number(up)) / 10_000;
}
