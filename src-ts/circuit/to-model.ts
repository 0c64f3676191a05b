/** Converts circuits to trainable models: populations become layers, synapses become dense projections. */
import { options as checkOptions, integer, invalid, timeStep } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { Description, Precision } from '../description/description.ts';
import { compile } from '../model/compile.ts';
import type { Model } from '../model/model.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import type { CircuitDescription } from './description.ts';
import { isDistribution } from './elements/distribution.ts';
import { named } from './elements/populations.ts';
import { unsupported } from './from-model.ts';
import type { Simulation } from './simulation.ts';

/** Options of {@link Circuit.toModel}. */
export interface ModelOfOptions {
  /** Time step in ms; default 0.1, as in simulations. */
  dt?: number;
  /** Seed of the wiring, as in simulations; default 0. */
  seed?: number;
  /** Default `'f32'`. */
  precision?: Precision;
}

/** The input of the conversion: a network and the function that builds it. */
interface Compilable {
  readonly description: CircuitDescription;
  compile(options: { dt: number; seed: number; precision: Precision }): Promise<Simulation>;
}

/** All synapses between two populations as weights `[to, from]`; `steps` is their delay. */
interface Projection {
  readonly from: string;
  readonly to: string;
  readonly weights: Float64Array;
  readonly steps: number;
}

/** See `Circuit.toModel`. @internal */
export async function toModel(circuit: Compilable, rawOptions: ModelOfOptions = {}): Promise<Model> {
  const options = checkOptions('toModel', rawOptions, ['dt', 'seed', 'precision']);
  const dt = timeStep('dt', options.dt ?? circuit.description.dt ?? 0.1);
  const seed = integer('seed', options.seed ?? 0, { min: 0 });
  const precision = options.precision ?? 'f32';
  const input = inputOf(circuit.description);
  using simulation = await circuit.compile({ dt, seed, precision: 'f64' });

  const projections = await projectionsOf(simulation, circuit.description, dt);
  const times = arrivals(circuit.description, projections, input.name);
  const sizes = sizesOf(circuit.description);
  const currents = await sampledCurrents(simulation, circuit.description);
  const biases = biasesOf(currents, (name) => ({ size: sizes.get(name)!, from: times.get(name)! * dt }), dt);
  if (projections.some(({ from, to, steps }) => from === to && steps !== 1))
    throw unsupported('a recurrence with a delay of more than one step', 'models');
  /** The biases that a projection adds. The first projection into a population has all of them. */
  const biasOf = (one: Projection) =>
    projections.find(({ to }) => to === one.to) === one ? biases.get(one.to) : undefined;

  // A model contains numbers instead of distributions: those that the seed samples.
  const neurons = new Map<string, object>();
  for (const { name, neuron } of circuit.description.populations)
    neurons.set(name, await sampledParameters(simulation, name, neuron));
  const order = [...times.keys()].filter((name) => name !== input.name);
  const description = {
    schema: 1,
    dt,
    precision,
    seed,
    input: { size: input.trains.length },
    nodes: [
      ...projections.map((one) => ({
        kind: 'dense',
        name: nameOf(one),
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
    edges: projections.flatMap((one) => [
      [one.from === input.name ? 'input' : one.from, nameOf(one)],
      [nameOf(one), one.to],
    ]),
    output: order.at(-1)!,
  };
  const model = await compile(description as unknown as Description).catch((error: unknown) => {
    // The sizes of projections are correct only for neurons with a single input.
    if (error instanceof LapicqueError && error.code === 'shape-mismatch')
      throw unsupported(`${feature}: several inputs of the neurons of ${error.layer}`, 'models');
    throw error;
  });
  const exact = projections.flatMap((one): [string, Float64Array][] => {
    const bias = biasOf(one);
    const weights: [string, Float64Array] = [`${nameOf(one)}.weight`, one.weights];
    return bias === undefined ? [weights] : [weights, [`${nameOf(one)}.bias`, bias]];
  });
  const rounded = (values: Float64Array) => (precision === 'f64' ? values : Float32Array.from(values));
  await model.setWeights(Object.fromEntries(exact.map(([name, values]) => [name, rounded(values)])));
  return model;
}

const feature = 'a part without an equivalent layer';

/** The only spike source. @throws LapicqueError `unsupported` for features that layers cannot express */
function inputOf({ populations, sources = [], connections = [], gaps = [] }: CircuitDescription) {
  for (const { name, neuron, initial = {}, intrinsic } of populations) {
    if ((neuron as DynamicsSpec)?.cell !== undefined)
      throw unsupported(`${feature}: cells with dendrites, ${name}`, 'models');
    if (Object.keys(initial).length > 0)
      throw unsupported(`${feature}: states of ${name} at the start`, 'models');
    if (intrinsic !== undefined) throw unsupported(`${feature}: intrinsic plasticity of ${name}`, 'models');
  }
  if (gaps.length > 0) throw unsupported(`${feature}: gap junctions or graded synapses`, 'models');
  if (connections.some(({ synapse, structural }) => synapse !== undefined || structural !== undefined))
    throw unsupported(`${feature}: connections with a synapse model`, 'models');
  if (sources.length !== 1)
    invalid('circuit.sources', `${sources.length} sources`, 'one: the input of the model');
  return sources[0]!;
}

/** Neurons of each population, trains of each source. */
function sizesOf({ populations, sources = [] }: CircuitDescription): Map<string, number> {
  return new Map([
    ...sources.map(({ name, trains }): [string, number] => [name, trains.length]),
    ...populations.map(({ name, size }): [string, number] => [name, size]),
  ]);
}

function nameOf({ from, to }: Projection): string {
  return from === to ? `${to}.recurrent` : `${from}.${to}`;
}

/** One projection per connected pair of populations: the sum of all connections between them. */
function projectionsOf(
  simulation: Simulation,
  description: CircuitDescription,
  dt: number,
): Promise<Projection[]> {
  const sizes = sizesOf(description);
  const ends = (description.connections ?? []).map(({ from, to }) => [named(from), named(to)] as const);
  const pairs = new Map(ends.map(([from, to]) => [`${from} ${to}`, [from, to] as const]));
  return Promise.all(
    [...pairs.values()].map(async ([from, to]) => {
      const { sources, targets, weights: each, delays } = await simulation.connections(from, to);
      const columns = sizes.get(from)!;
      const weights = new Float64Array(columns * sizes.get(to)!);
      sources.forEach((source, i) => {
        weights[targets[i]! * columns + source]! += each[i]!;
      });
      const steps = [...new Set(delays.map((ms) => Math.round(ms / dt)))];
      if (steps.length > 1)
        throw unsupported(`synapses from ${from} to ${to} with different delays`, 'models');
      return { from, to, weights, steps: steps[0] ?? 1 };
    }),
  );
}

/**
 * The number of steps after which the input reaches each population, in topological order. Delays can be expressed by layers if this number is
 * unique for each population.
 */
function arrivals(
  { populations }: CircuitDescription,
  projections: readonly Projection[],
  input: string,
): Map<string, number> {
  const times = new Map([[input, 0]]);
  const feeds = (to: string) => projections.filter((one) => one.to === to && one.from !== to);
  const waiting = new Set(populations.map(({ name }) => name));
  while (waiting.size > 0) {
    const ready = [...waiting].filter((name) => feeds(name).every(({ from }) => times.has(from)));
    if (ready.length === 0)
      throw unsupported(`a cycle of populations (${[...waiting].join(', ')})`, 'models');
    for (const name of ready) {
      const delays = new Set(feeds(name).map(({ from, steps }) => times.get(from)! + steps));
      if (delays.size > 1) throw unsupported(`delays with which the input reaches ${name} twice`, 'models');
      times.set(name, [...delays][0] ?? 0);
      waiting.delete(name);
    }
  }
  return times;
}

/** Inputs with sampled numbers instead of distributions. */
function sampledCurrents(simulation: Simulation, { inputs = [] }: CircuitDescription): Promise<object[]> {
  return Promise.all(
    inputs.map(async (input, i) => {
      if (!isDistribution((input as { values?: unknown }).values)) return input;
      const sampled = await simulation.get(simulation.inputs[i]!.name, 'current');
      return { ...input, values: Array.from(sampled as Float64Array) };
    }),
  );
}

/** A neuron with sampled numbers instead of distributions. */
async function sampledParameters(simulation: Simulation, name: string, neuron: object): Promise<object> {
  const { params = {} } = neuron as { params?: Readonly<Record<string, unknown>> };
  const values: [string, unknown][] = [];
  for (const [param, value] of Object.entries(params))
    values.push([param, isDistribution(value) ? Array.from(await simulation.get(name, param)) : value]);
  return { ...neuron, params: Object.fromEntries(values) };
}

/** Currents that are biases, summed by population. Each starts in the step in which the input reaches its population. */
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
      throw unsupported(
        'inputs other than constant currents from the step in which the input arrives',
        'models',
      );
    }
    const sum = biases.get(to) ?? new Float64Array(at(to).size);
    sum.forEach((x, i) => {
      sum[i] = x + (values.length === 1 ? values[0]! : values[i]!);
    });
    biases.set(to, sum);
  }
  return biases;
}

/** Converts the typed arrays of a circuit to the lists of a model. */
function withLists(neuron: object): object {
  return JSON.parse(
    JSON.stringify(neuron, (_key, value: unknown) =>
      ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value,
    ),
  );
}
