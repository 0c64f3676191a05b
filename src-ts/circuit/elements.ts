/** What large networks are made of: frozen plain nodes. Nothing is computed before a network is compiled. */
import {
  attached,
  options as checkOptions,
  eachFinite,
  finite,
  integer,
  invalid,
  text,
  unknownName,
} from '../check.ts';
import type { DynamicsSpec, Population, PopulationOptions } from '../population.ts';
import type { SynapseModel } from '../synapse.ts';
import { isKind } from '../typed.ts';
import {
  type Cells,
  isTarget,
  type Postsynaptic,
  type Presynaptic,
  rangeOf,
  type SpikeSource,
  sliceable,
} from './cells.ts';
import { isList, type SynapseValues, synapseValuesOf, type Values, valuesOf } from './distribution.ts';
import type { GapJunctions } from './gap-junctions.ts';
import { type IntrinsicPlasticity, intrinsicOf } from './intrinsic.ts';
import type { Layout } from './layout.ts';
import type { Rule } from './rule.ts';
import { type StructuralPlasticity, structuralOf } from './structural.ts';

/** Constant, or `values[i]` from `times[i]` ms on and 0 before `times[0]`. */
export type OverTime = number | { readonly times: readonly number[]; readonly values: readonly number[] };

/** A Poisson train of its own for each neuron. */
export interface PoissonSource {
  readonly element: 'poisson';
  /** In Hz. */
  readonly rate: OverTime;
}

/** A normal number for each neuron and step. */
export interface NoiseSource {
  readonly element: 'noise';
  readonly mean: number;
  readonly sd: number;
}

/** A current, piecewise constant. */
export interface CurrentSource {
  readonly element: 'current';
  /** In ms, ascending. */
  readonly times: readonly number[];
  /** One for each time, or `[times, neurons]`. */
  readonly values: readonly number[];
}

/** What a connection's synapses are. */
export interface Synapse {
  /** In the unit of the port: pA, nS, or mV for a jump of the membrane. What arrives is within 1/1024 of it. */
  weight: SynapseValues;
  /** In ms, at least one step; drawn ones and those of a distance are rounded to steps, others must be whole steps. */
  delay: SynapseValues;
  /**
   * Input of the neurons. Default the only one; where there are `excitatory` and `inhibitory`, that of the weight's sign,
   * which is then taken off.
   */
  port?: string;
  /** How synapses change, such as `synapse.stdp()`; left out, they do not. */
  model?: SynapseModel;
  /**
   * How much of the delays is the dendrite's, in ms, a whole number of steps, of synapses with a `model`: a spike of the target is
   * at the synapse so long after it, one of the source so long before what is transmitted arrives. The axon has the rest; the
   * dendrite has all of a delay that is shorter, and of all delays when this is left out.
   */
  dendriticDelay?: number;
  /** How synapses come and go; left out, they stay. With it there is one weight and one delay. */
  structural?: StructuralPlasticity;
  /** The population or source whose spikes modulate the rule, as dopamine does: at once and in all synapses. */
  modulator?: Cells | SpikeSource;
}

/** Synapses between neurons, or a device's input to neurons. */
export type Connection =
  | {
      readonly element: 'connection';
      readonly from: Presynaptic;
      readonly to: Postsynaptic;
      readonly rule: Rule;
      readonly synapse: Readonly<Synapse>;
    }
  | {
      readonly element: 'input';
      readonly from: PoissonSource | NoiseSource | CurrentSource;
      readonly to: Postsynaptic;
      readonly weight?: number;
      readonly port?: string;
    };

/** What is kept of a run. */
export type Recorder =
  | { readonly element: 'record-spikes'; readonly populations: readonly Postsynaptic[] }
  | {
      readonly element: 'record-traces';
      readonly population: Postsynaptic;
      readonly states: readonly string[];
      readonly every?: number;
      readonly neurons?: readonly number[];
    }
  | { readonly element: 'record-weights'; readonly connection: Connection; readonly every: number };

/** What {@link network} takes. */
export type NetworkElement = Cells | SpikeSource | Connection | GapJunctions | Recorder;

/** Beside a model's parameters. */
export interface CellsOptions {
  /** Default the model's name and a number. */
  name?: string;
  /** States at the start by name; default the model's. One number, one a neuron, or a distribution. */
  initial?: Readonly<Record<string, Values>>;
  /** Where the neurons are, such as `layout.grid([40, 20])`. */
  layout?: Layout;
  /** How a parameter moves until neurons fire at a target rate; left out, none does. */
  intrinsic?: IntrinsicPlasticity;
}

/** Makes neurons of a model: `lif`, `iafPscExp`, or what `neuron` gave. */
export interface NeuronModel<O> {
  (options?: O): Population;
  /**
   * Of every function. That it is asked for keeps TypeScript from settling `O` before it has looked at a factory that is
   * generic in its number of neurons.
   */
  readonly name: string;
}

/**
 * `n` neurons of a model.
 *
 * @example
 * ```ts
 * const excitatory = population(iafPscExp, 800, {
 *   name: 'E', tauMem: 20, tauE: 5, initial: { v: distribution.uniform(-70, -55) },
 * });
 * ```
 * @param model - a factory of the library, or a neuron of your own
 * @param params - the model's parameters and options, each one number or one a neuron; `name`; `initial`, the states at the
 * start; `layout`, where they are
 * @throws LapicqueError `unknown-name` for an option that does not exist, `invalid-parameter`; other values are checked when
 * the network is compiled
 */
export function population<O extends object>(
  model: NeuronModel<O>,
  n: number,
  params: Omit<O, Exclude<keyof PopulationOptions, 'name'> | 'learn'> & CellsOptions = {} as never,
): Cells {
  if (typeof model !== 'function') invalid('model', model, 'a neuron model itself, such as iafPscExp');
  integer('n', n, { min: 1, max: 2 ** 30 });
  if (typeof params !== 'object' || params === null) invalid('params', params, 'an object of parameters');
  const { initial = {}, layout, intrinsic, ...parameters } = params as CellsOptions & Record<string, unknown>;
  for (const key of ['neurons', 'surrogate', 'recurrent', 'learn']) {
    if (key in parameters) throw unknownName('parameter of population', key, ['name', 'initial', 'layout']);
  }
  const { name, dynamics } = model(parameters as O) ?? {};
  if (typeof dynamics?.model !== 'string') invalid('model', model, 'a neuron model, such as iafPscExp');
  if (typeof initial !== 'object' || initial === null) invalid('initial', initial, 'an object of states');
  const states = Object.entries(initial).map(([state, values]) => [
    state,
    valuesOf(`initial.${state}`, values),
  ]);
  return sliceable<Cells>({
    element: 'population',
    ...(name === undefined ? {} : { name }),
    size: n,
    neuron: compact(dynamics),
    initial: Object.freeze(Object.fromEntries(states) as Record<string, Values>),
    ...placed('population', n, layout),
    ...(intrinsic === undefined ? {} : { intrinsic: intrinsicOf(intrinsic) }),
  });
}

/** Parameters that differ, of which large populations have millions, as the engine takes them. */
function compact(dynamics: DynamicsSpec): DynamicsSpec {
  const params = Object.entries(dynamics.params ?? {}).map(([name, value]) => [
    name,
    typeof value === 'number' ? value : Float64Array.from(value),
  ]);
  return Object.freeze({ ...dynamics, params: Object.freeze(Object.fromEntries(params)) });
}

function placed(what: string, n: number, layout: Layout | undefined): { layout?: Layout } {
  if (layout === undefined) return {};
  if (!isKind(layout?.positions, Float64Array))
    invalid(`${what}.layout`, layout, 'a layout, such as layout.grid([40, 20])');
  const neurons = layout.positions.length / layout.dimensions;
  if (neurons !== n) invalid(`${what}.layout`, `places for ${neurons} neurons`, `places for ${n}`);
  return { layout };
}

/**
 * Sources that spike at given times.
 *
 * @param trains - for each source its ascending times in ms, whole multiples of `dt` above 0
 */
export function spikeSource(
  trains: readonly (readonly number[] | Float64Array)[],
  options: { name?: string; layout?: Layout } = {},
): SpikeSource {
  if (!Array.isArray(trains) || trains.length === 0)
    invalid('trains', trains, 'a list of times for each source');
  checkOptions('spikeSource', options, ['name', 'layout']);
  return sliceable<SpikeSource>({
    element: 'spike-source',
    ...(options.name === undefined ? {} : { name: text('name', options.name) }),
    trains: Object.freeze(
      trains.map((train, i) => {
        if (!isList(train)) invalid(`trains[${i}]`, train, 'a list of times in ms');
        attached(`trains[${i}]`, train);
        eachFinite(`trains[${i}]`, train, { above: 0 });
        return new Float64Array(train);
      }),
    ),
    ...placed('spikeSource', trains.length, options.layout),
  });
}

/**
 * A Poisson train for each neuron that it is connected to, each independent of the others.
 *
 * @param rate - in Hz; or rates over time, `values[i]` from `times[i]` ms on and 0 before `times[0]`
 */
export function poisson(
  rate: number | { times: readonly number[] | Float64Array; values: readonly number[] | Float64Array },
): PoissonSource {
  if (typeof rate === 'number') {
    return Object.freeze({ element: 'poisson', rate: finite('rate', rate, { min: 0 }) });
  }
  if (isList(rate)) {
    const expected = 'one rate in Hz or { times, values }: for rates of their own make Poisson neurons';
    invalid('rate', rate, `${expected} (docs/from-nest-and-brian2.md)`);
  }
  const { times, values } = checkOptions('rate', rate, ['times', 'values']);
  if (!isList(times)) invalid('rate.times', times, 'a list of times in ms');
  if (!isList(values)) invalid('rate.values', values, 'one rate in Hz for each time');
  attached('rate.values', values);
  eachFinite('rate.values', values, { min: 0 });
  return Object.freeze({
    element: 'poisson',
    rate: Object.freeze({ times: numbers('rate.times', times), values: Object.freeze(Array.from(values)) }),
  });
}

function numbers(name: string, given: ArrayLike<number>): readonly number[] {
  attached(name, given);
  eachFinite(name, given);
  return Object.freeze(Array.from(given));
}

/** White noise: a normal number for each neuron and step, in the unit of the port. */
export function noise(options: { mean?: number; sd: number }): NoiseSource {
  const { mean = 0, sd } = checkOptions('noise', options, ['mean', 'sd']);
  return Object.freeze({
    element: 'noise',
    mean: finite('noise.mean', mean),
    sd: finite('noise.sd', sd, { min: 0 }),
  });
}

/**
 * A current: one value, or one for each neuron that it is connected to; or over time, `values[i]` from `times[i]` ms on and 0
 * before `times[0]`, where `values[i]` is one value or a list of one for each neuron.
 *
 * @example
 * ```ts
 * connect(currentSource({ times: [100, 200], values: [50, 0] }), excitatory); // 50 pA from 100 to 200 ms
 * connect(currentSource(Array.from({ length: 10 }, (_, i) => 10 * i)), excitatory.slice(0, 10));
 * ```
 */
export function currentSource(
  current:
    | number
    | readonly number[]
    | Float64Array
    | {
        times: readonly number[] | Float64Array;
        values: Float64Array | readonly (number | readonly number[] | Float64Array)[];
      },
): CurrentSource {
  const { times, values } =
    typeof current === 'number' || isList(current)
      ? { times: [0], values: [current] }
      : checkOptions('currentSource', current, ['times', 'values']);
  if (!isList(times)) invalid('currentSource.times', times, 'a list of times in ms');
  if (!isList(values) && !Array.isArray(values))
    invalid('currentSource.values', values, 'one value, or one list, for each time');
  attached('currentSource.values', values);
  const rows = Array.from(values as ArrayLike<number | ArrayLike<number>>);
  if (rows.length !== times.length)
    invalid('currentSource.values', values, `one value, or one list, for each of ${times.length} times`);
  // One value among lists is that of all neurons.
  const first = rows.find(isList);
  const width = first?.length ?? 1;
  const flat = new Array<number>(rows.length * width);
  rows.forEach((row, i) => {
    const where = `currentSource.values[${i}]`;
    if (!isList(row)) {
      flat.fill(finite(where, row as number), i * width, (i + 1) * width);
      return;
    }
    if (row.length !== width) invalid(where, row, `as many values as before, ${width}`);
    attached(where, row);
    eachFinite(where, row);
    for (let k = 0; k < width; k++) flat[i * width + k] = row[k]!;
  });
  return Object.freeze({
    element: 'current',
    times: numbers('currentSource.times', times),
    values: Object.freeze(flat),
  });
}

/**
 * Synapses from `pre` to `post`. A spike at the end of a step arrives `delay` ms later.
 *
 * @example
 * ```ts
 * connect(excitatory, inhibitory, rule.fixedInDegree(80), { weight: 0.1, delay: 1.5 });
 * connect(poisson(8000), excitatory, { weight: 0.1 });
 * ```
 * @param rule - which pairs get a synapse
 */
export function connect(pre: Presynaptic, post: Postsynaptic, rule: Rule, synapse: Synapse): Connection;
/** A Poisson train for each neuron of `post`, through synapses of `weight` without a delay. */
export function connect(
  pre: PoissonSource,
  post: Postsynaptic,
  synapse: { weight: number; port?: string },
): Connection;
/** Noise or a current, added to an input of each neuron of `post`: by default `current`, or the only one. */
export function connect(
  pre: NoiseSource | CurrentSource,
  post: Postsynaptic,
  synapse?: { port?: string },
): Connection;
export function connect(
  pre: Presynaptic | PoissonSource | NoiseSource | CurrentSource,
  post: Postsynaptic,
  ...rest: unknown[]
): Connection {
  if (!isTarget(post)) invalid('post', post, 'a population, or a slice of one');
  const port = (given: { port?: string }) =>
    given.port === undefined ? {} : { port: text('synapse.port', given.port) };
  switch (pre?.element) {
    case 'population':
    case 'slice':
    case 'source-slice':
    case 'spike-source': {
      const [rule, synapse] = rest as [Rule, Synapse];
      if (typeof rule?.kind !== 'string') invalid('rule', rule, 'a rule, such as rule.fixedInDegree(80)');
      if (synapse === undefined) invalid('synapse', synapse, 'an object with weight and delay');
      const { model, modulator, structural, dendriticDelay } = checkOptions('synapse', synapse, [
        'weight',
        'delay',
        'port',
        'model',
        'modulator',
        'structural',
        'dendriticDelay',
      ]);
      if (model !== undefined && typeof model?.model !== 'string')
        invalid('synapse.model', model, 'a synapse model, such as synapse.stdp()');
      if (modulator !== undefined && !['population', 'spike-source'].includes(modulator?.element))
        invalid('synapse.modulator', modulator, 'a population or a spikeSource');
      return Object.freeze({
        element: 'connection',
        from: pre,
        to: post,
        rule,
        synapse: Object.freeze({
          weight: synapseValuesOf('synapse.weight', synapse.weight),
          delay: synapseValuesOf('synapse.delay', synapse.delay),
          ...port(synapse),
          ...(model === undefined ? {} : { model }),
          ...(dendriticDelay === undefined
            ? {}
            : { dendriticDelay: finite('synapse.dendriticDelay', dendriticDelay, { above: 0 }) }),
          ...(modulator === undefined ? {} : { modulator }),
          ...(structural === undefined ? {} : { structural: structuralOf('synapse.structural', structural) }),
        }),
      });
    }
    case 'poisson': {
      const given = (typeof rest[0] === 'object' && rest[0] !== null ? rest[0] : {}) as object;
      if (['kind', 'delay', 'model'].some((key) => key in given)) {
        const expected = 'a weight and perhaps a port, because each neuron has a Poisson train of its own';
        const others = 'for trains that neurons share, delays or a model make Poisson neurons';
        invalid('synapse', given, `${expected}; ${others} (docs/from-nest-and-brian2.md)`);
      }
      const synapse = checkOptions('synapse', rest[0] as { weight: number; port?: string }, [
        'weight',
        'port',
      ]);
      const weight = finite('synapse.weight', synapse.weight);
      return Object.freeze({ element: 'input', from: pre, to: post, weight, ...port(synapse) });
    }
    case 'noise':
    case 'current': {
      const synapse = checkOptions('synapse', rest[0] as { port?: string } | undefined, ['port']);
      return Object.freeze({ element: 'input', from: pre, to: post, ...port(synapse) });
    }
    default:
      return invalid('pre', pre, 'a population, a spikeSource, poisson, noise or currentSource');
  }
}

/** What is kept of a run. Without a recorder of spikes, those of all populations. */
export const record: {
  /** Keeps the spikes of these populations only; without arguments those of all. */
  readonly spikes: (...populations: readonly Postsynaptic[]) => Recorder;
  /**
   * Reads states of a population's neurons, the first time after `every` ms.
   *
   * @param every - in ms, a whole number of steps; default every step
   * @param neurons - which ones, 0-based in the population or slice; default all
   */
  readonly traces: (
    population: Postsynaptic,
    states: readonly string[],
    every?: number,
    neurons?: readonly number[],
  ) => Recorder;
  /**
   * Reads all weights of a connection whose synapses change, the first time after `every` ms.
   *
   * @example
   * ```ts
   * const learning = connect(E, E, rule.fixedInDegree(100), { weight: 10, delay: 1.5, model: synapse.stdp() });
   * const learns = network(E, learning, record.weights(learning, { every: 100 }));
   * const { weights } = await simulate(learns, { duration: 1000 });
   * weights[0].values; // [10 times, synapses]
   * ```
   * @param connection - what {@link connect} gave; it must be in the network
   * @param every - in ms, a whole number of steps
   */
  readonly weights: (connection: Connection, options: { every: number }) => Recorder;
} = Object.freeze({
  spikes(...populations: readonly Postsynaptic[]): Recorder {
    populations.forEach((population, i) => {
      if (!isTarget(population)) invalid(`populations[${i}]`, population, 'a population, or a slice of one');
    });
    return Object.freeze({ element: 'record-spikes', populations: Object.freeze([...populations]) });
  },
  traces(
    population: Postsynaptic,
    states: readonly string[],
    every?: number,
    neurons?: readonly number[],
  ): Recorder {
    if (!isTarget(population)) invalid('population', population, 'a population, or a slice of one');
    if (!Array.isArray(states) || states.length === 0) invalid('states', states, 'names of states');
    if (neurons !== undefined && (!Array.isArray(neurons) || neurons.length === 0))
      invalid('neurons', neurons, 'a list of neurons');
    const { from, to } = rangeOf(population);
    const chosen =
      neurons ?? (population.element === 'slice' ? Array.from({ length: to - from }).keys() : undefined);
    // Counted in the population.
    const counted = (n: number, i: number) =>
      from + integer(`neurons[${i}]`, n, { min: 0, max: to - from - 1 });
    return Object.freeze({
      element: 'record-traces',
      population,
      states: Object.freeze(Array.from(states, (state, i) => text(`states[${i}]`, state))),
      ...(every === undefined ? {} : { every: finite('every', every, { above: 0 }) }),
      ...(chosen === undefined ? {} : { neurons: Object.freeze(Array.from(chosen, counted)) }),
    });
  },
  weights(connection: Connection, options: { every: number }): Recorder {
    if (connection?.element !== 'connection' || connection.synapse.model === undefined)
      invalid('connection', connection, 'a connection with a synapse model');
    const { every } = checkOptions('options', options, ['every']);
    return Object.freeze({
      element: 'record-weights',
      connection,
      every: finite('every', every, { above: 0 }),
    });
  },
});
