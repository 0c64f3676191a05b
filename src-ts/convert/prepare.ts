/** An artificial network with only the layers that spiking networks have: norms are folded, activations are in front of max pools. */
import type { NodeOf, NodeSpec } from '../description/description.ts';
import { normMap } from '../description/norm-map.ts';
import type { Model } from '../model/model.ts';
import { type Activation, activationOf } from './activation.ts';
import { AnnGraph, notConverted } from './ann-graph.ts';
import { scaleWeights } from './channel-weights.ts';

/** The conversion of a layer of the artificial network. */
export interface ConvertedLayer {
  readonly layer: string;
  readonly kind: string;
  readonly became: 'spiking' | 'linear' | 'folded' | 'removed' | 'readout' | 'kept';
  /** The reason why the layer was not converted, or how it was converted. */
  readonly reason?: string;
}

/** A network whose every population has a known activation. */
export interface PreparedGraph {
  readonly graph: AnnGraph;
  readonly activations: ReadonlyMap<string, Activation>;
  /** Layers that stay as they are, and run at every step on real values. */
  readonly kept: ReadonlySet<string>;
  /** Names of signals that are constant in time, as they follow from the input without a neuron between. */
  readonly constant: ReadonlySet<string>;
  readonly layers: ConvertedLayer[];
}

/** Layers that a sum of spikes passes through as it is. */
const linear = new Set<NodeSpec['kind']>([
  'dense',
  'conv',
  'one-to-one',
  'batch-norm',
  'flatten',
  'unflatten',
  'add',
  'concat',
]);

/** Why a layer has no counterpart. */
const reasons: Partial<Record<NodeSpec['kind'], string>> = {
  'layer-norm':
    'its mean and variance depend on each sample, which spikes do not provide; use a batch norm, which is folded',
  attention: 'it multiplies two signals',
  multiply: 'it multiplies two signals; spikes add up',
  'matrix-product': 'it multiplies two signals',
  embedding: 'its input is not a current',
  inhibition: 'it is made for spikes',
  filter: 'it combines steps; an artificial network has one',
  mixture: 'it combines steps; an artificial network has one',
  'time-reduction': 'it combines steps; an artificial network has one',
};

/** @throws LapicqueError `unsupported` for a layer without a counterpart that is not to be kept, by its name */
export async function prepare(model: Model, keep: ReadonlySet<string>): Promise<PreparedGraph> {
  const graph = await AnnGraph.of(model);
  const layers: ConvertedLayer[] = [];
  const report = (layer: string, became: ConvertedLayer['became'], reason?: string) => {
    const node = graph.nodes.get(layer)!;
    const kind = node.kind === 'dynamics' ? node.dynamics.model : node.kind;
    layers.push({ layer, kind, became, ...(reason === undefined ? {} : { reason }) });
  };
  const activations = new Map<string, Activation>();
  for (const node of [...graph.nodes.values()]) {
    if (keep.has(node.name))
      report(node.name, 'kept', 'named in `keep`: runs at every step on the values of that step');
    else if (node.kind === 'dropout') {
      report(node.name, 'removed', 'it acts in training only');
      graph.remove(node.name);
    } else if (node.kind === 'dynamics') activations.set(node.name, await activationOf(graph, node));
  }
  for (const [name, { kind }] of activations)
    if (kind === 'identity' && name !== graph.output) {
      report(name, 'removed', 'it passes its input on');
      graph.remove(name);
      activations.delete(name);
    }
  for (const name of graph.ordered()) {
    const node = graph.nodes.get(name)!;
    if (node.kind !== 'batch-norm' || keep.has(name)) continue;
    const reason = foldNorm(graph, node);
    if (reason === undefined) layers.push({ layer: name, kind: node.kind, became: 'folded' });
    else report(name, 'linear', reason);
  }
  let moved = true;
  while (moved) moved = graph.ordered().some((name) => moveActivation(graph, name, activations));
  const constant = constantSignals(graph, activations);
  const kept = new Set(keep);
  for (const name of graph.ordered()) {
    const node = graph.nodes.get(name)!;
    if (keep.has(name) || node.kind === 'batch-norm') continue;
    if (node.kind === 'dynamics') {
      const isReadout = activations.get(name)!.kind === 'identity';
      report(name, isReadout ? 'readout' : 'spiking');
    } else if (node.kind === 'pool' && node.pooling !== 'max') report(name, 'linear');
    else if (node.kind === 'pool')
      report(
        name,
        'linear',
        constant.has(name)
          ? 'its input is constant'
          : 'the largest sum since the first step, computed by a counter before it and a difference after it',
      );
    else if (linear.has(node.kind)) {
      checkLinear(graph, node);
      report(name, 'linear');
    } else if (constant.has(name)) {
      kept.add(name);
      report(
        name,
        'kept',
        'its input is constant in time, so its output is the same as in the artificial network',
      );
    } else
      throw notConverted(
        graph.label(name),
        `${reasons[node.kind] ?? 'it has no spiking counterpart'}; \`keep: ['${name}']\` keeps it unchanged`,
      );
  }
  const order = new Map(model.description.nodes.map((node, i) => [node.name, i]));
  layers.sort((a, b) => order.get(a.layer)! - order.get(b.layer)!);
  return { graph, activations, kept, constant, layers };
}

function checkLinear(graph: AnnGraph, node: NodeSpec): void {
  if (node.kind === 'dense' && node.delay !== undefined)
    throw notConverted(graph.label(node.name), 'it has delays; an artificial network has one step');
  if (node.kind === 'one-to-one' && (node.parts ?? 1) !== 1)
    throw notConverted(graph.label(node.name), 'it leads to several ports');
}

/**
 * Folds a batch norm into the layer before it: `y = a x + c` with `a = weight scale / √(variance + ε)`. Otherwise it becomes that map, with a
 * mean of 0 and a variance of 1.
 *
 * @returns why it is not folded
 */
function foldNorm(graph: AnnGraph, node: NodeOf<'batch-norm'>): string | undefined {
  const { name } = node;
  if (node.steps !== undefined)
    throw notConverted(graph.label(name), 'it has statistics for each step; an artificial network has one');
  const read = (part: string, otherwise: number) =>
    graph.weights.get(`${name}.${part}`) ?? new Float64Array(graph.channels(name)).fill(otherwise);
  const { factor, constant } = normMap(node, read);
  const [source] = graph.sources(name) as [string];
  const before = graph.nodes.get(source);
  const takes = before?.kind === 'dense' || before?.kind === 'conv';
  if (takes && graph.readers(source).length === 1) {
    scaleWeights(graph, before, factor, undefined);
    const bias = graph.weights.get(`${source}.bias`) ?? new Float64Array(factor.length);
    graph.weights.set(
      `${source}.bias`,
      bias.map((b, c) => b + constant[c]!),
    );
    graph.nodes.set(source, { ...before, bias: true });
    graph.remove(name);
    return undefined;
  }
  setAffine(graph, name, factor, constant);
  return takes
    ? `${source} has other readers; it is a factor and an offset for each channel`
    : 'no dense or convolutional layer is in front of it; it is a factor and an offset for each channel';
}

/** Makes a batch norm the map `y = factor x + constant`. */
export function setAffine(graph: AnnGraph, name: string, factor: Float64Array, constant: Float64Array): void {
  const node = graph.nodes.get(name) as NodeOf<'batch-norm'>;
  // What is added to the variance is taken off it: with ε = 1/2 both are exact.
  graph.nodes.set(name, {
    kind: 'batch-norm',
    name,
    epsilon: 0.5,
    momentum: node.momentum,
    affine: true,
    scale: 1,
    bias: true,
    statistics: 'running',
    trainable: false,
  });
  const set = (part: string, values: Float64Array) => graph.weights.set(`${name}.${part}`, values);
  set('weight', factor);
  set('bias', constant);
  set('runningMean', new Float64Array(factor.length));
  set('runningVariance', new Float64Array(factor.length).fill(0.5));
}

/** Puts the activation behind a max pool in front of it: it does not decrease, so the largest stays the largest. */
function moveActivation(
  graph: AnnGraph,
  name: string,
  activations: ReadonlyMap<string, Activation>,
): boolean {
  const node = graph.nodes.get(name);
  const [reader, ...others] = graph.readers(name);
  if (node?.kind !== 'pool' || node.pooling !== 'max' || reader === undefined || others.length > 0)
    return false;
  const kind = activations.get(reader)?.kind;
  if (kind === undefined || kind === 'identity' || graph.sources(reader).length !== 1) return false;
  // The output of a network is a population.
  if (graph.output === reader) return false;
  const [source] = graph.sources(name) as [string];
  const population = graph.nodes.get(reader) as NodeOf<'dynamics'>;
  const behind = graph.readers(reader);
  graph.edges = graph.edges.filter(
    ([from, to]) => from !== reader && !(from === source && to === name) && !(from === name && to === reader),
  );
  graph.edges.push([source, reader], [reader, name], ...behind.map((to): [string, string] => [name, to]));
  graph.shapes.set(reader, graph.shape(source));
  graph.nodes.set(reader, { ...population, neurons: graph.size(source) });
  return true;
}

function constantSignals(graph: AnnGraph, activations: ReadonlyMap<string, Activation>): Set<string> {
  const constant = new Set(['input']);
  for (const name of graph.ordered()) {
    const passes = !activations.has(name) && graph.sources(name).every((source) => constant.has(source));
    if (passes) constant.add(name);
  }
  return constant;
}
