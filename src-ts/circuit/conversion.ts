/** From trained models to circuits and back: layers become populations, dense projections lists of synapses. */
import { options as checkOptions, finite, integer, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { Description, NodeSpec, Precision } from '../description/description.ts';
import { compile } from '../model/compile.ts';
import type { Model, Weights } from '../model/model.ts';
import type { DynamicsSpec } from '../neurons/population.ts';
import { type Cells, named, type SpikeSource, sliceable } from './elements/cells.ts';
import { currentSource } from './elements/devices.ts';
import { isDistribution } from './elements/distribution.ts';
import { connect } from './elements/elements.ts';
import { list } from './elements/rule.ts';
import { type Circuit, network } from './network.ts';
import type { Simulation } from './simulation.ts';

type Node<K extends NodeSpec['kind']> = Extract<NodeSpec, { readonly kind: K }>;

function unsupported(feature: string, format: string): LapicqueError {
  return new LapicqueError('unsupported', { feature, format });
}

/** See `network.fromModel`. @internal */
export async function fromModel(model: Model, trains: SpikeSource): Promise<Circuit> {
  if (typeof model?.currentDescription !== 'function') invalid('model', model, 'a compiled model');
  const { nodes, edges, input, dt } = await model.currentDescription();
  const weights = await model.weights();
  if (trains?.element !== 'spike-source' || trains.trains.length !== input.size)
    invalid('trains', trains, `a spikeSource of ${input.size} trains, one for each input`);
  const told = edges.find(([, , how]) => how !== undefined);
  if (told !== undefined)
    throw unsupported(`a port, state or delay of the edge ${told[0]} → ${told[1]}`, 'circuits');
  const into = (name: string) => edges.filter(([, to]) => to === name).map(([from]) => from);

  const cells = new Map<string, Cells>();
  for (const node of nodes) {
    if (node.kind === 'dynamics') cells.set(node.name, populationOf(node));
    else if (!['dense', 'one-to-one', 'flatten', 'unflatten'].includes(node.kind))
      throw unsupported(`the layer ${node.name} (${node.kind})`, 'circuits');
  }
  /** Behind layers that only pass on. */
  const origin = (name: string): string => {
    const node = nodes.find((one) => one.name === name);
    return node?.kind === 'flatten' || node?.kind === 'unflatten' ? origin(into(name)[0]!) : name;
  };

  // A population spikes one step after what feeds it; who skips some waits as long.
  const depths = new Map([['input', 0]]);
  const depth = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
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
      const node = nodes.find((one) => one.name === through);
      if (node === undefined || (node.kind !== 'dense' && node.kind !== 'one-to-one')) {
        throw unsupported(`${through} straight into ${name}`, 'circuits (put a dense layer between)');
      }
      const from = origin(into(through)[0]!);
      const steps = from === name ? 1 : depth(name) - depth(from);
      const pre = from === 'input' ? trains : cells.get(from);
      if (pre === undefined) throw unsupported(`what feeds ${through}`, 'circuits');
      if (node.kind === 'dense' && node.out !== to.size)
        throw unsupported(`several inputs of the neurons of ${name}`, 'circuits');
      const grade = gradeOf(nodes.find((one) => one.name === from));
      const { rule, weight, delay } = synapsesOf(node, weights, grade, steps, dt);
      const made = connect(pre, to, rule, { weight, delay });
      const bias = weights[`${through}.bias`];
      if (bias === undefined) return [made];
      // From the step on in which the first input may arrive.
      const current = currentSource({ times: [depth(name) * dt], values: [Float64Array.from(bias)] });
      return [made, connect(current, to)];
    }),
  ]);
  return network(...elements);
}

function isRecurrent(through: string, name: string, into: (name: string) => string[]): boolean {
  return through === name || into(through).includes(name);
}

/** Without what a spike is worth as it leaves, which goes into the weights. */
function populationOf({ name, neurons, dynamics }: Node<'dynamics'>): Cells {
  const { learn: _, surrogate: __, ...neuron } = dynamics as DynamicsSpec;
  const { gradedSpikes: ___, ...params } = neuron.params;
  const plain = { ...neuron, params };
  return sliceable<Cells>({ element: 'population', name, size: neurons, neuron: plain, initial: {} });
}

/** What a spike of each neuron of a layer is worth. */
function gradeOf(node: NodeSpec | undefined): (neuron: number) => number {
  const grade = node?.kind === 'dynamics' ? (node.dynamics.params.gradedSpikes ?? 1) : 1;
  return (neuron) => (typeof grade === 'number' ? grade : grade[neuron]!);
}

/** Weights of 0 are no synapses. Delays of synapses come on top of `steps`, in whole steps as the model counts them. */
function synapsesOf(
  node: Node<'dense'> | Node<'one-to-one'>,
  weights: Record<string, Weights>,
  grade: (neuron: number) => number,
  steps: number,
  dt: number,
) {
  const columns = node.kind === 'dense' ? node.in : 1;
  const delays = weights[`${node.name}.delay`];
  const longest = node.kind === 'dense' ? Math.round((node.delay?.max ?? 0) / dt) : 0;
  const more = (i: number) => Math.floor(Math.min(Math.max((delays?.[i] ?? 0) / dt, 0), longest) + 0.5);
  const [sources, targets, weight, delay]: number[][] = [[], [], [], []];
  weights[`${node.name}.weight`]!.forEach((w, i) => {
    const row = Math.floor(i / columns);
    const source = node.kind === 'dense' ? i % columns : row;
    const worth = w * grade(source);
    if (worth === 0) return;
    targets!.push(row);
    sources!.push(source);
    weight!.push(worth);
    delay!.push((steps + more(i)) * dt);
  });
  const single = { weight: weight!, delay: steps * dt };
  return {
    rule: list(sources!, targets!),
    ...(delays === undefined ? single : { ...single, delay: delay! }),
  };
}

/** What `toModel` is told. */
export interface ModelOfOptions {
  /** Time step in ms; default 0.1, as in simulations. */
  dt?: number;
  /** Draws the wiring, as in simulations; default 0. */
  seed?: number;
  /** Default `'f32'`. */
  precision?: Precision;
}

/** See `Circuit.toModel`. @internal */
export async function toModel(circuit: Circuit, given: ModelOfOptions = {}): Promise<Model> {
  const options = checkOptions('toModel', given, ['dt', 'seed', 'precision']);
  const dt = finite('dt', options.dt ?? circuit.description.dt ?? 0.1, { above: 0 });
  const seed = integer('seed', options.seed ?? 0, { min: 0 });
  const { populations, sources = [], connections = [], inputs = [], gaps = [] } = circuit.description;
  const feature = 'what a model has no layer for';
  for (const { name, initial = {}, intrinsic } of populations) {
    if (Object.keys(initial).length > 0)
      throw unsupported(`${feature}: states of ${name} at the start`, 'models');
    if (intrinsic !== undefined) throw unsupported(`${feature}: a parameter of ${name} that moves`, 'models');
  }
  if (gaps.length > 0) throw unsupported(`${feature}: gap junctions or graded synapses`, 'models');
  if (connections.some(({ synapse, structural }) => synapse !== undefined || structural !== undefined))
    throw unsupported(`${feature}: synapses with a model of their own`, 'models');
  if (sources.length !== 1)
    invalid('network.sources', `${sources.length} sources`, 'one: the input of the model');
  const input = sources[0]!;
  using simulation = await circuit.compile({ dt, seed, precision: 'f64' });

  const sizes = new Map([
    [input.name, input.trains.length],
    ...populations.map(({ name, size }): [string, number] => [name, size]),
  ]);
  const pairs = new Map(
    connections.map(({ from, to }) => [`${named(from)} ${named(to)}`, [named(from), named(to)] as const]),
  );
  const matrices = await Promise.all(
    [...pairs.values()].map(async ([from, to]) => {
      const { sources, targets, weights, delays } = await simulation.connections(from, to);
      const columns = sizes.get(from)!;
      const matrix = new Float64Array(columns * sizes.get(to)!);
      sources.forEach((source, i) => {
        matrix[targets[i]! * columns + source]! += weights[i]!;
      });
      const steps = [...new Set(delays.map((ms) => Math.round(ms / dt)))];
      if (steps.length > 1)
        throw unsupported(`synapses from ${from} to ${to} with different delays`, 'models');
      return { from, to, matrix, steps: steps[0] ?? 1 };
    }),
  );

  // Delays are those of layers when each population has one time at which it sees the input.
  const times = new Map([[input.name, 0]]);
  const feeds = (to: string) => matrices.filter((one) => one.to === to && one.from !== to);
  const waiting = new Set(populations.map(({ name }) => name));
  while (waiting.size > 0) {
    const ready = [...waiting].filter((name) => feeds(name).every(({ from }) => times.has(from)));
    if (ready.length === 0)
      throw unsupported(`a cycle of populations (${[...waiting].join(', ')})`, 'models');
    for (const name of ready) {
      const arrivals = new Set(feeds(name).map(({ from, steps }) => times.get(from)! + steps));
      if (arrivals.size > 1) throw unsupported(`delays with which ${name} sees the input twice`, 'models');
      times.set(name, [...arrivals][0] ?? 0);
      waiting.delete(name);
    }
  }
  // What the seed draws, a model has as numbers.
  const neurons = new Map<string, object>();
  for (const { name, neuron } of populations)
    neurons.set(name, await drawnParameters(simulation, name, neuron));
  const entering = await Promise.all(
    inputs.map(async (input, i) =>
      isDistribution((input as { values?: unknown }).values)
        ? {
            ...input,
            values: Array.from((await simulation.get(simulation.inputs[i]!.name, 'current')) as Float64Array),
          }
        : input,
    ),
  );
  const biases = biasesOf(entering, (name) => ({ size: sizes.get(name)!, from: times.get(name)! * dt }), dt);
  const own = matrices.filter(({ from, to }) => from === to);
  if (own.some(({ steps }) => steps !== 1))
    throw unsupported('a population that hears itself after more than one step', 'models');

  const through = ({ from, to }: { from: string; to: string }) =>
    from === to ? `${to}.recurrent` : `${from}.${to}`;
  /** The biases that a projection adds: the first one into a population has all of them. */
  const biasOf = (one: (typeof matrices)[number]) =>
    matrices.find(({ to }) => to === one.to) === one ? biases.get(one.to) : undefined;
  const order = [...times.keys()].filter((name) => name !== input.name);
  const description = {
    schema: 1,
    dt,
    precision: options.precision ?? 'f32',
    seed,
    input: { size: input.trains.length },
    nodes: [
      ...matrices.map((one) => ({
        kind: 'dense',
        name: through(one),
        in: sizes.get(one.from)!,
        out: sizes.get(one.to)!,
        bias: biasOf(one) !== undefined,
      })),
      ...order.map((name) => ({
        kind: 'dynamics',
        name,
        neurons: sizes.get(name)!,
        dynamics: withLists(neurons.get(name)!),
      })),
    ],
    edges: matrices.flatMap((one) => [
      [one.from === input.name ? 'input' : one.from, through(one)],
      [through(one), one.to],
    ]),
    output: order.at(-1)!,
  };
  const model = await compile(description as unknown as Description).catch((error: unknown) => {
    // Projections are as wide as what they connect, if that has one input a neuron.
    if (error instanceof LapicqueError && error.code === 'shape-mismatch')
      throw unsupported(`${feature}: several inputs of the neurons of ${error.layer}`, 'models');
    throw error;
  });
  const values = matrices.flatMap((one): [string, Weights][] => {
    const named = { weight: one.matrix, bias: biasOf(one) };
    return Object.entries(named).flatMap(([name, exact]): [string, Weights][] =>
      exact === undefined
        ? []
        : [[`${through(one)}.${name}`, options.precision === 'f64' ? exact : Float32Array.from(exact)]],
    );
  });
  await model.setWeights(Object.fromEntries(values));
  return model;
}

/** A neuron with numbers in the place of distributions. */
async function drawnParameters(simulation: Simulation, name: string, neuron: object): Promise<object> {
  const { params = {} } = neuron as { params?: Readonly<Record<string, unknown>> };
  const values: [string, unknown][] = [];
  for (const [param, value] of Object.entries(params))
    values.push([param, isDistribution(value) ? Array.from(await simulation.get(name, param)) : value]);
  return { ...neuron, params: Object.fromEntries(values) };
}

/** Currents that are biases, summed by population: each lasts from when its population sees the input on. */
function biasesOf(
  inputs: readonly object[],
  at: (population: string) => { size: number; from: number },
  dt: number,
): Map<string, Float64Array> {
  const biases = new Map<string, Float64Array>();
  for (const input of inputs as readonly { kind: string; to: unknown; times: number[]; values: number[] }[]) {
    const { kind, to, times, values } = input;
    const steps = (ms: number) => Math.ceil(ms / dt - 1e-6);
    if (
      kind !== 'current' ||
      typeof to !== 'string' ||
      times.length !== 1 ||
      steps(times[0]!) !== steps(at(to).from)
    ) {
      throw unsupported('inputs other than currents that last from when the input is seen on', 'models');
    }
    const sum = biases.get(to) ?? new Float64Array(at(to).size);
    sum.forEach((x, i) => {
      sum[i] = x + (values.length === 1 ? values[0]! : values[i]!);
    });
    biases.set(to, sum);
  }
  return biases;
}

/** Typed arrays, as networks have them, as lists, as models do. */
function withLists(neuron: object): object {
  return JSON.parse(
    JSON.stringify(neuron, (_key, value: unknown) =>
      ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value,
    ),
  );
}
