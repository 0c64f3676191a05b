/** Converts trained models to circuits: layers become populations, dense projections become lists of synapses. */
import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { Weights } from '../compiled/compiled-model.ts';
import type { NodeOf, NodeSpec } from '../description/description.ts';
import type { Model } from '../model/model.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import { currentSource } from './elements/devices.ts';
import { type CircuitElement, connect } from './elements/elements.ts';
import { type Population, type SpikeSource, sliceable } from './elements/populations.ts';
import { list } from './elements/rule.ts';

/** An error for a feature that the target format cannot express. */
export function unsupported(feature: string, format: string): LapicqueError {
  return new LapicqueError('unsupported', { feature, format });
}

/** The populations, connections and currents of `circuit.fromModel`. @internal */
export async function fromModel(model: Model, trains: SpikeSource): Promise<CircuitElement[]> {
  if (typeof model?.currentDescription !== 'function') invalid('model', model, 'a compiled model');
  const { nodes, edges, input, dt } = await model.currentDescription();
  const weights = await model.weights();
  if (trains?.element !== 'spike-source' || trains.trains.length !== input.size)
    invalid('trains', trains, `a spikeSource of ${input.size} trains, one for each input`);
  const special = edges.find(([, , how]) => how !== undefined);
  if (special !== undefined)
    throw unsupported(`a port, state or delay of the edge ${special[0]} → ${special[1]}`, 'circuits');
  const into = (name: string) => edges.filter(([, to]) => to === name).map(([from]) => from);

  const nodeOf = new Map(nodes.map((node) => [node.name, node]));
  const cells = new Map<string, Population>();
  for (const node of nodes) {
    if (node.kind === 'dynamics') cells.set(node.name, populationOf(node));
    else if (!['dense', 'one-to-one', 'flatten', 'unflatten'].includes(node.kind))
      throw unsupported(`the layer ${node.name} (${node.kind})`, 'circuits');
  }
  /** The node that a name refers to, after skipping layers that only change the shape. */
  const origin = (name: string): string => {
    const node = nodeOf.get(name);
    return node?.kind === 'flatten' || node?.kind === 'unflatten' ? origin(into(name)[0]!) : name;
  };

  // A population spikes one step after its deepest input. A projection that skips populations gets the difference in depth as delay.
  const depths = new Map([['input', 0]]);
  const depth = (name: string): number => {
    const cached = depths.get(name);
    if (cached !== undefined) return cached;
    const feeds = into(name)
      .filter((from) => !isRecurrent(from, name, into))
      .flatMap((from) => (cells.has(from) || from === 'input' ? [from] : into(from).map(origin)));
    const own = 1 + Math.max(0, ...feeds.map(depth));
    depths.set(name, own);
    return own;
  };

  const elements = [...cells.entries()].flatMap(([name, to]) => [
    to,
    ...into(name).flatMap((through) => {
      const node = nodeOf.get(through);
      if (node === undefined || (node.kind !== 'dense' && node.kind !== 'one-to-one')) {
        throw unsupported(`${through} straight into ${name}`, 'circuits (put a dense layer between)');
      }
      const from = origin(into(through)[0]!);
      const steps = from === name ? 1 : depth(name) - depth(from);
      const pre = from === 'input' ? trains : cells.get(from);
      if (pre === undefined) throw unsupported(`the input of ${through}`, 'circuits');
      if (node.kind === 'dense' && node.out !== to.size)
        throw unsupported(`several inputs of the neurons of ${name}`, 'circuits');
      const grade = gradeOf(nodeOf.get(from));
      const { rule, weight, delay } = synapsesOf(node, weights, grade, steps, dt);
      const connection = connect(pre, to, rule, { weight, delay });
      const bias = weights[`${through}.bias`];
      if (bias === undefined) return [connection];
      // The bias starts at the step in which the first input can arrive.
      const current = currentSource({ times: [depth(name) * dt], values: [Float64Array.from(bias)] });
      return [connection, connect(current, to)];
    }),
  ]);
  return elements;
}

function isRecurrent(through: string, name: string, into: (name: string) => string[]): boolean {
  return through === name || into(through).includes(name);
}

/** The population of a layer, without the value of graded spikes: the weights contain it. */
function populationOf({ name, neurons, dynamics }: NodeOf<'dynamics'>): Population {
  const { learn: _, surrogate: __, ...neuron } = dynamics as DynamicsSpec;
  const { gradedSpikes: ___, ...params } = neuron.params;
  const plain = { ...neuron, params };
  return sliceable<Population>({ element: 'population', name, size: neurons, neuron: plain, initial: {} });
}

/** The value of a spike of each neuron of a layer. */
function gradeOf(node: NodeSpec | undefined): (neuron: number) => number {
  const grade = node?.kind === 'dynamics' ? (node.dynamics.params.gradedSpikes ?? 1) : 1;
  return (neuron) => (typeof grade === 'number' ? grade : grade[neuron]!);
}

/** A weight of 0 makes no synapse. Learned delays are added to `steps`, rounded to whole steps as in the model. */
function synapsesOf(
  node: NodeOf<'dense'> | NodeOf<'one-to-one'>,
  weights: Record<string, Weights>,
  grade: (neuron: number) => number,
  steps: number,
  dt: number,
) {
  const columns = node.kind === 'dense' ? node.in : 1;
  const delays = weights[`${node.name}.delay`];
  const longest = node.kind === 'dense' ? Math.round((node.delay?.max ?? 0) / dt) : 0;
  const extra = (i: number) => Math.floor(Math.min(Math.max((delays?.[i] ?? 0) / dt, 0), longest) + 0.5);
  const [sources, targets, weight, delay]: number[][] = [[], [], [], []];
  weights[`${node.name}.weight`]!.forEach((w, i) => {
    const row = Math.floor(i / columns);
    const source = node.kind === 'dense' ? i % columns : row;
    const value = w * grade(source);
    if (value === 0) return;
    targets!.push(row);
    sources!.push(source);
    weight!.push(value);
    delay!.push((steps + extra(i)) * dt);
  });
  const single = { weight: weight!, delay: steps * dt };
  return {
    rule: list(sources!, targets!),
    ...(delays === undefined ? single : { ...single, delay: delay! }),
  };
}
