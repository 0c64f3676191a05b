/** Custom neurons, from equations. */
import {
  options as checkOptions,
  finite,
  flag,
  integer,
  invalid,
  oneOf,
  text,
  unknownName,
} from '../checks/check.ts';
import { ofPeers, unknownOption } from '../checks/peer-names.ts';
import { isKind } from '../checks/typed.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { NeuronEquations } from './equations.ts';
import { type Population, type PopulationOptions, type PortedPopulation, population } from './population.ts';

/** How derivatives become steps of `dt`. */
export type IntegrationMethod = 'exact' | 'euler' | 'exponential-euler' | 'rk2' | 'rk4';

/** One number for all neurons, or one per neuron. */
export type PerNeuron = number | readonly number[] | Float64Array | Float32Array;

/**
 * A state: its initial value; its unit, `'mV'`, or both, `'-65 mV'`; or an object of the two, where `init` may also name
 * the parameter that holds the initial value. Default 0, without a unit.
 */
export type StateDefinition<P extends string = string> =
  | number
  | string
  | { readonly init?: number | NoInfer<P>; readonly unit?: string };

/** A parameter: its default value, with a unit if wanted: `10`, `'10 ms'` or `{ value: 10, unit: 'ms' }`. */
export type ParamDefinition = PerNeuron | string | { readonly value: PerNeuron; readonly unit?: string };

/**
 * An input by name, with a unit if wanted. One called `inhibitory` takes no weights below 0 in a large network, since what is taken off
 * would excite then, unless it says that it is `signed`.
 */
export type InputDefinition =
  | string
  | { readonly name: string; readonly unit?: string; readonly signed?: boolean };

/** One input, or several. */
export type Inputs = InputDefinition | readonly InputDefinition[];

/** What {@link neuron} takes. `S` are the names of the states, `P` those of the parameters, `I` the inputs. */
export interface NeuronDefinition<
  S extends string = string,
  P extends string = string,
  I extends Inputs = Inputs,
> {
  /** What layers are called in files, recordings and messages when they are given no name; default `'custom'`. */
  name?: string;
  /** The states by name. The first is the membrane: what a readout gives and `v` of a result shows. */
  state: Readonly<Record<S, StateDefinition<P>>>;
  /** The parameters by name, with default values. Each may be one number per neuron, and learned. */
  params?: Readonly<Record<P, ParamDefinition>>;
  /**
   * Name of the input, and its unit if wanted; default `'i'`. A list names several: the ports of a population
   * in a large network; a layer takes an input for each neuron and port.
   */
  input?: I;
  /** Functions of the equations, `'gate(x) = 1 / (1 + exp(-x))'`, one a line. */
  functions?: string;
  /**
   * The equations, one a line or separated by `;`. Either derivatives, `v' = (vLeak - v + r*i)/tauMem`, or difference
   * equations, all at once with `v[t] = beta*v[t-1] + i[t]`, or assignments one after the other, `v = beta*v + i`. Other
   * names may be given a value and used; `t` is the time of the step's beginning in ms.
   */
  update: string;
  /**
   * What enters in a step does to the states once they have moved, before the spike's condition: `'gE += excitatory'`, a jump
   * whatever the method. States that rest in a refractory period rest from it too. The update need not name the input then.
   */
  arrival?: string;
  /**
   * The condition of a spike, `'v > vThreshold'`; the surrogate sees the difference of its sides. `or` and `not` join such comparisons,
   * `and` adds conditions without a gradient. None: a readout.
   */
  spike?: string;
  /** What a spike does to the states: `'v -= vThreshold'`, `'v = vReset; w += b'`. */
  reset?: string;
  /**
   * Refractory period in ms, or the parameter that holds it. The states in `hold` rest meanwhile, by default those of the
   * spike's condition.
   */
  refractory?:
    | number
    | NoInfer<P>
    | { readonly period: number | NoInfer<P>; readonly hold?: readonly NoInfer<S>[] };
  /** Default `'exact'` where the equations are linear with constant coefficients, else `'euler'`. */
  method?: IntegrationMethod;
  /**
   * `'same-step'` (default): after the spike. `'next-step'`: after the next step's update, so that recordings show the
   * membrane before its reset. `'start-of-next-step'`: before the next step's update.
   */
  resetTiming?: 'same-step' | 'next-step' | 'start-of-next-step';
  /** Whether the reset is a constant for the gradient; default true. */
  detachReset?: boolean;
}

/** Options of a layer of a custom neuron: its parameters, and what every population takes. */
export type CustomNeuronOptions<
  P extends string = string,
  N extends number = number,
> = PopulationOptions<N> & {
  readonly [K in P]?: PerNeuron;
} & {
  /** Parameters that training changes. */
  readonly learn?: readonly P[];
};

/** Makes layers of a custom neuron. */
export interface CustomNeuron<
  S extends string = string,
  P extends string = string,
  I extends Inputs = InputDefinition,
> {
  /**
   * @returns a population as wide as the layer before it; with several inputs, as wide as the share of one input
   * @throws LapicqueError `unknown-name` for an option that does not exist, `invalid-parameter` for a bad value; at `compile`
   * `shape-mismatch` for a list that is not one per neuron
   */
  <const N extends number = number>(
    options?: CustomNeuronOptions<P, N>,
  ): [I] extends [InputDefinition | readonly [InputDefinition]] ? Population<N> : PortedPopulation<N>;
  /** Names of the states as they can be recorded; beside those declared `refractory`, `clock` and `clockTurns` where they take part. */
  readonly states: readonly (S | 'refractory' | 'clock' | 'clockTurns')[];
  readonly params: readonly P[];
  /** The method that applies; `'discrete'` for difference equations. */
  readonly method: IntegrationMethod | 'discrete';
}

const known = [
  'name',
  'state',
  'params',
  'input',
  'functions',
  'update',
  'arrival',
  'spike',
  'reset',
  'refractory',
  'method',
  'resetTiming',
  'detachReset',
] as const;

/** Names that a layer's options have already. */
const taken = ['name', 'neurons', 'surrogate', 'smoothed', 'recurrent', 'like', 'learn'];

/**
 * A custom neuron. It trains, streams, saves and loads as a built-in one; a file of a model keeps its equations.
 *
 * @example
 * ```ts
 * const adaptive = neuron({
 *   state: { v: 0, w: 0 },
 *   params: { tauMem: 10, tauW: 100, b: 0.2, vThreshold: 1 },
 *   update: "v' = (i - v - w)/tauMem; w' = -w/tauW",
 *   spike: 'v > vThreshold',
 *   reset: 'v = 0; w += b',
 * });
 * const network = sequential(dense(100, 50), adaptive({ tauMem: 20, learn: ['tauW'] }), dense(50, 2), li({ beta: 0.9 }));
 * ```
 * @returns a function that makes layers: its options are the parameters, and what every population takes
 * @throws LapicqueError `equation` with line, column and frame for a text that says nothing, an unknown name, an algebraic
 * loop, units that do not fit or a method that does not apply; `invalid-parameter` and `unknown-name` for the rest of
 * the definition
 */
export function neuron<
  const S extends string,
  const P extends string = never,
  const I extends Inputs = InputDefinition,
>(definition: NeuronDefinition<S, P, I>): CustomNeuron<S, P, I> {
  const peers = Object.keys(Object(definition)).find((key) => ofPeers(key, known) !== undefined);
  if (peers !== undefined) throw unknownOption('neuron', peers, known);
  checkOptions('neuron', definition, known);
  if (definition === undefined) invalid('neuron', definition, 'an object with state and update');
  const units: Record<string, string> = {};
  const states = entries('state', definition.state).map(([name, value]) => state(name, value, units));
  const defaults: Record<string, number | readonly number[]> = {};
  for (const [name, value] of entries('params', definition.params ?? {})) {
    if (taken.includes(name)) invalid('params', name, `names other than ${taken.join(', ')}`);
    defaults[name] = parameter(name, value as ParamDefinition, units);
  }
  const given: Inputs = definition.input ?? 'i';
  const signed: string[] = [];
  const inputs = (isListOf(given) ? given : [given]).map((one, i) => {
    const where = isListOf(given) ? `input[${i}]` : 'input';
    if (typeof one === 'string') return text(where, one);
    const { name, unit, signed: both } = checkOptions(where, one, ['name', 'unit', 'signed']);
    if (both !== undefined && flag(`${where}.signed`, both)) signed.push(text(`${where}.name`, name));
    if (unit !== undefined) units[text(`${where}.name`, name)] = text(`${where}.unit`, unit);
    return text(`${where}.name`, name);
  });
  const optional = (key: 'name' | 'functions' | 'arrival' | 'spike' | 'reset') =>
    definition[key] === undefined ? {} : { [key]: text(key, definition[key]) };
  const equations: NeuronEquations = Object.freeze({
    ...optional('name'),
    states: Object.freeze(states),
    input: isListOf(given) ? Object.freeze(inputs) : inputs[0]!,
    ...(signed.length === 0 ? {} : { signed: Object.freeze(signed) }),
    ...(Object.keys(units).length === 0 ? {} : { units: Object.freeze(units) }),
    ...optional('functions'),
    update: text('update', definition.update),
    ...optional('arrival'),
    ...optional('spike'),
    ...optional('reset'),
    ...(definition.refractory === undefined ? {} : { refractory: refractory(definition.refractory) }),
  });
  const chosen: Record<string, string | boolean> = {};
  if (definition.method !== undefined) {
    const methods = ['exact', 'euler', 'exponential-euler', 'rk2', 'rk4'] as const;
    chosen.method = oneOf('method', definition.method, methods);
  }
  if (definition.resetTiming !== undefined) {
    const timings = ['same-step', 'next-step', 'start-of-next-step'] as const;
    chosen.resetTiming = oneOf('resetTiming', definition.resetTiming, timings);
  }
  if (definition.detachReset !== undefined) chosen.detachReset = flag('detachReset', definition.detachReset);

  const one = (value: number | readonly number[]) => (typeof value === 'number' ? value : value[0]!);
  const scalars = Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, one(value)]));
  const spec = { model: 'custom', equations, params: scalars, options: chosen };
  const info = JSON.parse(unwrap(addon.checkNeuron(JSON.stringify(spec)))) as {
    method: CustomNeuron['method'];
    states: S[];
  };
  const spiking = equations.spike !== undefined;
  const model = equations.name ?? 'custom';
  const names = {
    params: Object.keys(defaults),
    options: [],
    ...(inputs.length < 2 ? {} : { ports: { all: inputs, entering: inputs, returning: inputs } }),
  };
  const layer = (options: CustomNeuronOptions<P> = {} as CustomNeuronOptions<P>): Population => {
    if (options !== null && typeof options === 'object' && 'like' in options) {
      throw unknownName(`option of ${model}`, 'like', [
        ...names.params,
        ...taken.filter((name) => name !== 'like'),
      ]);
    }
    const made = population(model, spiking, options as PopulationOptions, names);
    const dynamics = Object.freeze({
      ...made.dynamics,
      model: 'custom',
      equations,
      params: Object.freeze({ ...defaults, ...made.dynamics.params }),
      options: Object.freeze({ ...chosen }),
    });
    return Object.freeze({ ...made, dynamics });
  };
  return Object.assign(layer as CustomNeuron<S, P, I>, {
    states: Object.freeze(info.states),
    params: Object.freeze(names.params as P[]),
    method: info.method,
  });
}

function isListOf(given: Inputs): given is readonly InputDefinition[] {
  return Array.isArray(given);
}

function entries(name: string, value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    invalid(name, value, 'an object of names');
  }
  return Object.entries(value);
}

/** `'-65 mV'` as a number and a unit; either may be missing. */
function quantity(name: string, given: string): { value: number | undefined; unit: string | undefined } {
  const [, number, unit] =
    /^\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)?\s*([A-Za-z1]\w*(?:\/ms(?:\^0\.5)?)?)?\s*$/.exec(given) ?? [];
  if (number === undefined && unit === undefined)
    invalid(name, given, "a number, or a number and its unit such as '10 ms'");
  return { value: number === undefined ? undefined : finite(name, Number(number)), unit };
}

function state(
  name: string,
  given: unknown,
  units: Record<string, string>,
): NeuronEquations['states'][number] {
  const where = `state.${name}`;
  if (typeof given === 'number') return Object.freeze({ name, init: finite(where, given) });
  if (typeof given === 'string') {
    const { value, unit } = quantity(where, given);
    if (unit !== undefined) units[name] = unit;
    return Object.freeze({ name, init: value ?? 0 });
  }
  if (typeof given !== 'object' || given === null) invalid(where, given, 'an initial value, a unit, or both');
  const { init = 0, unit } = checkOptions(where, given as { init?: number | string; unit?: string }, [
    'init',
    'unit',
  ]);
  if (unit !== undefined) units[name] = text(`${where}.unit`, unit);
  return Object.freeze({
    name,
    init: typeof init === 'number' ? finite(where, init) : text(`${where}.init`, init),
  });
}

function parameter(
  name: string,
  given: ParamDefinition,
  units: Record<string, string>,
): number | readonly number[] {
  const where = `params.${name}`;
  if (typeof given === 'string') {
    const { value, unit } = quantity(where, given);
    if (unit !== undefined) units[name] = unit;
    return value ?? invalid(where, given, 'a value');
  }
  const isObject =
    typeof given === 'object' && given !== null && !Array.isArray(given) && !ArrayBuffer.isView(given);
  const quantityGiven = (
    isObject
      ? checkOptions(where, given as { value: PerNeuron; unit?: string }, ['value', 'unit'])
      : { value: given }
  ) as {
    value: PerNeuron;
    unit?: string;
  };
  const { value, unit } = quantityGiven;
  if (unit !== undefined) units[name] = text(`${where}.unit`, unit);
  if (typeof value === 'number') return finite(where, value);
  if (Array.isArray(value) || isKind(value, Float32Array) || isKind(value, Float64Array)) {
    integer(`${where}.length`, value.length, { min: 1 });
    return Object.freeze(Array.from(value as ArrayLike<number>, (x, i) => finite(`${where}[${i}]`, x)));
  }
  return invalid(where, value, 'a number, or one number per neuron');
}

function refractory(
  given: NonNullable<NeuronDefinition['refractory']>,
): NonNullable<NeuronEquations['refractory']> {
  const isObject = typeof given === 'object' && given !== null;
  const { period, hold } = isObject
    ? checkOptions('refractory', given as { period: number | string; hold?: readonly string[] }, [
        'period',
        'hold',
      ])
    : { period: given, hold: undefined };
  const value =
    typeof period === 'number' ? finite('refractory', period, { min: 0 }) : text('refractory', period);
  if (hold !== undefined && !Array.isArray(hold)) invalid('refractory.hold', hold, 'names of states');
  return Object.freeze({ period: value, ...(hold === undefined ? {} : { hold: Object.freeze([...hold]) }) });
}
