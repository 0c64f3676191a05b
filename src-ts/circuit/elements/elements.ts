/** What large networks are made of: frozen plain nodes. Nothing is computed before a network is compiled. */
import {
  attached,
  options as checkOptions,
  eachFinite,
  finite,
  integer,
  invalid,
  noFurther,
  text,
  unknownName,
} from '../../checks/check.ts';
import { asDoubles, type WholeNumbers } from '../../checks/whole-numbers.ts';
import type { DynamicsSpec, Neuron, NeuronOptions } from '../../neurons/neuron-node.ts';
import type { Connection, Synapse } from './connection.ts';
import type { CurrentSource, NoiseSource, PoissonSource } from './devices.ts';
import {
  type Distribution,
  distributionOf,
  isDistribution,
  isList,
  synapseValuesOf,
  type Values,
  valuesOf,
} from './distribution.ts';
import type { GapJunctions } from './gap-junctions.ts';
import { type IntrinsicPlasticity, intrinsicOf } from './intrinsic.ts';
import type { Layout } from './layout.ts';
import { placed } from './placed.ts';
import {
  isTarget,
  type Population,
  type Postsynaptic,
  type Presynaptic,
  type SpikeSource,
  sliceable,
} from './populations.ts';
import type { Recorder } from './recorders.ts';
import type { Rule } from './rule.ts';
import { structuralOf } from './structural.ts';

/** An element of a circuit; {@link circuit} takes any number of them. */
export type CircuitElement = Population | SpikeSource | Connection | GapJunctions | Recorder;

/** Options of a population besides the model's parameters. */
export interface PopulationOptions {
  /** Default the model's name and a number. */
  name?: string;
  /** States at the start by name; default the model's. One number, one per neuron, or a distribution. */
  initial?: Readonly<Record<string, Values>>;
  /** Where the neurons are, such as `layout.grid([40, 20])`. */
  layout?: Layout;
  /** Adapts a parameter until neurons fire at a target rate; default: no parameter adapts. */
  intrinsic?: IntrinsicPlasticity;
}

/** The spike times of each source, in ms, ascending. */
export type Trains = readonly (readonly number[] | Float64Array | WholeNumbers)[];

/** A function that makes neurons of a model: `lif`, `iafPscExp`, or the result of `neuron`. */
export interface NeuronModel<O> {
  (options: O): Neuron;
  /**
   * The name that each function has. Because it is required, TypeScript infers `O` only after it has looked at a factory
   * that is generic in its number of neurons.
   */
  readonly name: string;
}

/** Options of a model whose parameters may be drawn for each neuron. */
export type Drawable<O> = {
  [K in keyof O]: Extract<O[K], readonly number[]> extends never ? O[K] : O[K] | Distribution;
};

/** A model's parameters and options (for each member of a union), and the options of a population. */
export type PopulationParams<O> = O extends object
  ? Drawable<Omit<O, Exclude<keyof NeuronOptions, 'name'> | 'learn'>> & PopulationOptions
  : never;

/**
 * `n` neurons of a model.
 *
 * @example
 * ```ts
 * const excitatory = population(iafPscExp, 800, {
 *   name: 'E', tauMem: distribution.normal(20, 2, { min: 5 }), tauE: 5, initial: { v: distribution.uniform(-70, -55) },
 * });
 * ```
 * @param model - a factory of the library, or a custom neuron
 * @param params - the model's parameters and options, each one number, one per neuron, or a distribution from which the simulation draws one per
 * neuron with its seed; `name`; `initial`, the initial states; `layout`, the positions
 * @throws LapicqueError `unknown-name` for an option that does not exist, `invalid-parameter`; other values are checked when
 * the network is compiled
 */
export function population<O>(
  model: NeuronModel<O>,
  n: number,
  ...given: Record<never, never> extends PopulationParams<O>
    ? [params?: PopulationParams<O>]
    : [params: PopulationParams<O>]
): Population {
  const [params = {}, ...further] = given as [object?, ...unknown[]];
  noFurther('population', further, 'none; name, layout and parameters are one object');
  if (typeof model !== 'function') invalid('model', model, 'a neuron model itself, such as iafPscExp');
  integer('n', n, { min: 1, max: 2 ** 30 });
  if (typeof params !== 'object' || params === null) invalid('params', params, 'an object of parameters');
  const {
    initial = {},
    layout,
    intrinsic,
    ...parameters
  } = params as PopulationOptions & Record<string, unknown>;
  for (const key of ['neurons', 'surrogate', 'recurrent', 'learn']) {
    if (key in parameters) throw unknownName('parameter of population', key, ['name', 'initial', 'layout']);
  }
  const distributions = Object.entries(parameters).flatMap(([key, value]): [string, Distribution][] =>
    isDistribution(value) ? [[key, distributionOf(`population.${key}`, value)]] : [],
  );
  // A valid number stands for a parameter that the seed will sample.
  const { name, dynamics } =
    model({ ...parameters, ...Object.fromEntries(distributions.map(([key]) => [key, 1])) } as O) ?? {};
  if (typeof dynamics?.model !== 'string') invalid('model', model, 'a neuron model, such as iafPscExp');
  if (typeof initial !== 'object' || initial === null) invalid('initial', initial, 'an object of states');
  const states = Object.entries(initial).map(([state, values]) => [
    state,
    valuesOf(`initial.${state}`, values),
  ]);
  return sliceable<Population>({
    element: 'population',
    ...(name === undefined ? {} : { name }),
    size: n,
    neuron: compact(dynamics, Object.fromEntries(distributions)),
    initial: Object.freeze(Object.fromEntries(states) as Record<string, Values>),
    ...placed('population', n, layout),
    ...(intrinsic === undefined ? {} : { intrinsic: intrinsicOf(intrinsic) }),
  });
}

/** Parameters that differ between neurons, in the engine's form; large populations have millions of them. */
function compact(
  dynamics: DynamicsSpec,
  distributions: Readonly<Record<string, Distribution>>,
): DynamicsSpec {
  const params = Object.entries(dynamics.params ?? {}).map(([name, value]) => [
    name,
    distributions[name] ?? (typeof value === 'number' ? value : Float64Array.from(value)),
  ]);
  return Object.freeze({ ...dynamics, params: Object.freeze(Object.fromEntries(params)) });
}

/**
 * Sources that spike at given times. `simulation.set(source, { trains })` replaces them between runs.
 *
 * @param trains - the spike times of each source in ms: ascending, whole multiples of `dt`; a spike at 0 is sent before the first step
 */
export function spikeSource(trains: Trains, options?: { name?: string; layout?: Layout }): SpikeSource;
export function spikeSource(
  trains: Trains,
  options: { name?: string; layout?: Layout } = {},
  ...further: unknown[]
): SpikeSource {
  noFurther('spikeSource', further, 'none; name and layout are one object');
  const checked = trainsOf('trains', trains);
  checkOptions('spikeSource', options, ['name', 'layout']);
  return sliceable<SpikeSource>({
    element: 'spike-source',
    ...(options.name === undefined ? {} : { name: text('name', options.name) }),
    trains: checked,
    ...placed('spikeSource', trains.length, options.layout),
  });
}

/** Times of each source in ms, copied. @internal */
export function trainsOf(name: string, trains: Trains): readonly Float64Array[] {
  if (!Array.isArray(trains) || trains.length === 0) invalid(name, trains, 'a list of times for each source');
  return Object.freeze(
    Array.from(trains as Trains, (given, i) => {
      const train = asDoubles(`${name}[${i}]`, given);
      if (!isList(train)) invalid(`${name}[${i}]`, train, 'a list of times in ms');
      attached(`${name}[${i}]`, train);
      eachFinite(`${name}[${i}]`, train, { min: 0 });
      return new Float64Array(train);
    }),
  );
}

/**
 * Synapses from `pre` to `post`. A spike at the end of a step arrives `delay` ms later.
 *
 * @example
 * ```ts
 * connect(excitatory, inhibitory, rule.fixedInDegree(80), { weight: 0.1, delay: 1.5 });
 * connect(poisson(8000), excitatory, { weight: 0.1 });
 * ```
 * @param rule - the rule that selects the pairs with a synapse
 */
export function connect(pre: Presynaptic, post: Postsynaptic, rule: Rule, synapse: Synapse): Connection;
/**
 * Synapses from each of several sources to each of several targets: one connection per pair, to which the rule applies by
 * itself, so `fixedInDegree(80)` from two populations is 160 synapses per target. {@link circuit} takes the list.
 *
 * @example
 * ```ts
 * connect(E, [E, I], rule.fixedInDegree(80), { weight: 20, delay: 1.5 });
 * ```
 * @returns the connections, source by source
 */
export function connect(
  pre: Presynaptic | readonly Presynaptic[],
  post: Postsynaptic | readonly Postsynaptic[],
  rule: Rule,
  synapse: Synapse,
): readonly Connection[];
/**
 * A Poisson train for each neuron of `post`, through synapses of `weight` without a delay. `simulation.set` finds it by its `name` or by the returned
 * object: `set('background', { rate: 9000 })`.
 */
export function connect(
  pre: PoissonSource,
  post: Postsynaptic,
  synapse: { weight: number; port?: string; name?: string },
): Connection;
/** Poisson trains for each neuron of several targets: one input per target. They share the `name`, by which an axis of `simulateMany` changes all. */
export function connect(
  pre: PoissonSource,
  post: readonly Postsynaptic[],
  synapse: { weight: number; port?: string; name?: string },
): readonly Connection[];
/**
 * Noise or a current, added to an input of each neuron of `post`: by default `current`, or the only one. `simulation.set` finds it by its `name` or
 * by the returned object: `set('step', { current: 50 })`.
 */
export function connect(
  pre: NoiseSource | CurrentSource,
  post: Postsynaptic,
  synapse?: { port?: string; name?: string },
): Connection;
/** Noise or a current for each neuron of several targets: one input per target. They share the `name`, by which an axis of `simulateMany` changes all. */
export function connect(
  pre: NoiseSource | CurrentSource,
  post: readonly Postsynaptic[],
  synapse?: { port?: string; name?: string },
): readonly Connection[];
export function connect(pre: Source | readonly Presynaptic[], post: Targets, ...rest: unknown[]): unknown {
  if (!Array.isArray(pre) && !Array.isArray(post))
    return connection(pre as Source, post as Postsynaptic, rest);
  const sources = each('pre', pre as Source | readonly Source[]);
  const targets = each('post', post);
  if (sources.length > 1 && sources.some(isDevice))
    invalid('pre', pre, 'several populations and spike sources, or one input device');
  return Object.freeze(
    sources.flatMap((source) => targets.map((target) => connection(source, target, rest))),
  );
}

type Source = Presynaptic | PoissonSource | NoiseSource | CurrentSource;
type Targets = Postsynaptic | readonly Postsynaptic[];

function isDevice(source: Source | undefined): boolean {
  return ['poisson', 'noise', 'current'].includes(source?.element as string);
}

/** One or several, each once. */
function each<T>(name: string, given: T | readonly T[]): readonly T[] {
  if (!Array.isArray(given)) return [given as T];
  if (given.length === 0) invalid(name, given, 'at least one');
  const twice = given.findIndex((one, i) => given.indexOf(one) < i);
  if (twice >= 0)
    invalid(`${name}[${twice}]`, given[twice], `each once; it is ${name}[${given.indexOf(given[twice])}]`);
  return given as readonly T[];
}

const oneObject = 'none; all options are in one object';

function connection(pre: Source, post: Postsynaptic, rest: readonly unknown[]): Connection {
  if (!isTarget(post)) invalid('post', post, 'a population, or a slice of one');
  const port = (options: { port?: string }) =>
    options.port === undefined ? {} : { port: text('synapse.port', options.port) };
  const nameOf = (options: { name?: string }) =>
    options.name === undefined ? {} : { name: text('synapse.name', options.name) };
  switch (pre?.element) {
    case 'population':
    case 'slice':
    case 'source-slice':
    case 'spike-source': {
      const [rule, synapse, ...further] = rest as [Rule, Synapse];
      noFurther('connect', further, oneObject);
      if (typeof rule?.kind !== 'string') invalid('rule', rule, 'a rule, such as rule.fixedInDegree(80)');
      if (synapse === undefined) invalid('synapse', synapse, 'an object with weight and delay');
      const { model, modulator, structural, dendriticDelay, name } = checkOptions('synapse', synapse, [
        'weight',
        'delay',
        'port',
        'model',
        'modulator',
        'structural',
        'dendriticDelay',
        'name',
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
          ...(name === undefined ? {} : { name: text('synapse.name', name) }),
          ...(structural === undefined ? {} : { structural: structuralOf('synapse.structural', structural) }),
        }),
      });
    }
    case 'poisson': {
      const options = (typeof rest[0] === 'object' && rest[0] !== null ? rest[0] : {}) as object;
      if (['kind', 'delay', 'model'].some((key) => key in options)) {
        const expected =
          'a weight, a port and a name, but no kind, delay or model: every neuron has a Poisson train of its own';
        const others =
          'for trains that neurons share or that have a delay, connect a population of Poisson neurons';
        invalid('synapse', options, `${expected}; ${others} (docs/guides/from-nest-and-brian2.md)`);
      }
      const synapse = checkOptions('synapse', rest[0] as { weight: number; port?: string; name?: string }, [
        'weight',
        'port',
        'name',
      ]);
      noFurther('connect', rest.slice(1), oneObject);
      const weight = finite('synapse.weight', synapse.weight);
      return Object.freeze({
        element: 'input',
        from: pre,
        to: post,
        weight,
        ...port(synapse),
        ...nameOf(synapse),
      });
    }
    case 'noise':
    case 'current': {
      const options = rest[0] as { port?: string; name?: string } | undefined;
      const synapse = checkOptions('synapse', options, ['port', 'name']);
      noFurther('connect', rest.slice(1), oneObject);
      return Object.freeze({ element: 'input', from: pre, to: post, ...port(synapse), ...nameOf(synapse) });
    }
    default:
      return invalid('pre', pre, 'a population, a spikeSource, poisson, noise or currentSource');
  }
}
