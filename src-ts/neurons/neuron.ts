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
import { type Neuron, type NeuronOptions, neuronNode, type PortedNeuron } from './neuron-node.ts';

/** How derivatives are integrated over a step of `dt`. */
export type IntegrationMethod = 'exact' | 'euler' | 'exponential-euler' | 'rk2' | 'rk4';

/** One number for all neurons, or one per neuron. */
export type PerNeuron = number | readonly number[] | Float64Array | Float32Array;

/**
 * A state: its initial value; its unit, `'mV'`; both, `'-65 mV'`; or an object with both, where `init` may also be the
 * name of a parameter. Default 0 without a unit.
 */
export type StateDefinition<P extends string = string> =
  | number
  | string
  | { readonly init?: number | NoInfer<P>; readonly unit?: string };

/** A parameter: its default value, optionally with a unit: `10`, `'10 ms'` or `{ value: 10, unit: 'ms' }`. */
export type ParamDefinition = PerNeuron | string | { readonly value: PerNeuron; readonly unit?: string };

/**
 * An input by name, optionally with a unit. In a large network an input called `inhibitory` accepts no weights below 0,
 * because they would excite, unless `signed` is set.
 */
export type InputDefinition =
  | string
  | { readonly name: string; readonly unit?: string; readonly signed?: boolean };

/** One input, or several. */
export type Inputs = InputDefinition | readonly InputDefinition[];

/** The definition of a {@link neuron}. `S` are the names of the states, `P` of the parameters, `I` of the inputs. */
export interface NeuronDefinition<
  S extends string = string,
  P extends string = string,
  I extends Inputs = Inputs,
> {
  /** Default name of its layers in files, recordings and messages; default `'custom'`. */
  name?: string;
  /** The states by name. The first one is the membrane: the output of a readout, and `v` of a result. */
  state: Readonly<Record<S, StateDefinition<P>>>;
  /** The parameters by name, with default values. Each may have one value per neuron and may be trained. */
  params?: Readonly<Record<P, ParamDefinition>>;
  /**
   * Name of the input, optionally with a unit; default `'i'`. A list names several inputs: the ports of a population in
   * a large network. A layer then has one input per neuron and port.
   */
  input?: I;
  /** Functions for use in the equations, `'gate(x) = 1 / (1 + exp(-x))'`, one per line. */
  functions?: string;
  /**
   * The equations, one per line or separated by `;`. They are derivatives, `v' = (vLeak - v + r*i)/tauMem`; or
   * simultaneous difference equations, `v[t] = beta*v[t-1] + i[t]`; or assignments in sequence, `v = beta*v + i`. They
   * may define and use other names. `t` is the time at the start of the step in ms. Except in derivatives, `[t-1]` after a
   * state or an input is its value of the step before; before the first step, inputs are 0.
   */
  update: string;
  /**
   * The effect of the inputs of a step on the states, after the update and before the spike condition: `'gE +=
   * excitatory'`, a jump for every integration method. Held states do not receive it during a refractory period. With
   * `arrival`, `update` need not use the input.
   */
  arrival?: string;
  /**
   * The condition of a spike, `'v > vThreshold'`; the surrogate is applied to the difference of its sides. `or` and
   * `not` combine such comparisons; `and` adds conditions without a gradient. Without a condition the neuron is a
   * readout.
   */
  spike?: string;
  /**
   * The effect of a spike on the states: `'v -= vThreshold'`, `'v = vReset; w += b'`. `arrival`, `spike` and `reset` may read
   * `v[t-1]` and `i[t-1]`, the values of the step before.
   */
  reset?: string;
  /**
   * Refractory period in ms, or the name of the parameter that holds it. The states in `hold` do not change during it;
   * default: the states in the spike condition.
   */
  refractory?:
    | number
    | NoInfer<P>
    | { readonly period: number | NoInfer<P>; readonly hold?: readonly NoInfer<S>[] };
  /** Default `'exact'` if the equations are linear with constant coefficients, otherwise `'euler'`. */
  method?: IntegrationMethod;
  /**
   * `'same-step'` (default): directly after the spike. `'next-step'`: after the update of the next step, so that
   * recordings show the membrane before its reset. `'start-of-next-step'`: before the update of the next step.
   */
  resetTiming?: 'same-step' | 'next-step' | 'start-of-next-step';
  /** Whether the gradient treats the reset as a constant; default true. */
  detachReset?: boolean;
}

/** Options of a layer of a custom neuron: its parameters, and the options of every population. */
export type CustomNeuronOptions<P extends string = string, N extends number = number> = NeuronOptions<N> & {
  readonly [K in P]?: PerNeuron;
} & {
  /** The trained parameters. */
  readonly learn?: readonly P[];
};

/** Makes layers of a custom neuron. */
export interface CustomNeuron<
  S extends string = string,
  P extends string = string,
  I extends Inputs = InputDefinition,
> {
  /**
   * @returns a population with the same number of neurons as the layer before it has outputs; with several inputs, that
   * number divided by the number of inputs
   * @throws LapicqueError `unknown-name` for an option that does not exist, `invalid-parameter` for an invalid value;
   * at `compile` `shape-mismatch` for a list whose length is not the number of neurons
   */
  <const N extends number = number>(
    options?: CustomNeuronOptions<P, N>,
  ): [I] extends [InputDefinition | readonly [InputDefinition]] ? Neuron<N> : PortedNeuron<N>;
  /**
   * Names of the states that can be recorded: the declared ones, and `refractory`, `clock` and `clockTurns` if the
   * neuron uses them. An input whose value of the step before is read has a state with the name of that value, `i[t-1]`.
   */
  readonly states: readonly (S | 'refractory' | 'clock' | 'clockTurns' | `${string}[t-1]`)[];
  readonly params: readonly P[];
  /** The integration method in use; `'discrete'` for difference equations. */
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

/** Names that are options of every layer. */
const taken = ['name', 'neurons', 'surrogate', 'smoothed', 'recurrent', 'like', 'learn'];

/**
 * Defines a custom neuron. It trains, streams, saves and loads as a built-in one; model files contain its equations.
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
 * @returns a function that makes layers; its options are the parameters and the options of every population
 * @throws LapicqueError `equation` with line, column and frame for an empty text, an unknown name, an algebraic loop,
 * units that do not fit or an integration method that does not apply; `invalid-parameter` and `unknown-name` for the
 * rest of the definition
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
  const layer = (options: CustomNeuronOptions<P> = {} as CustomNeuronOptions<P>): Neuron => {
    if (options !== null && typeof options === 'object' && 'like' in options) {
      throw unknownName(`option of ${model}`, 'like', [
        ...names.params,
        ...taken.filter((name) => name !== 'like'),
      ]);
    }
    const node = neuronNode(model, spiking, options as NeuronOptions, names);
    const dynamics = Object.freeze({
      ...node.dynamics,
      model: 'custom',
      equations,
      params: Object.freeze({ ...defaults, ...node.dynamics.params }),
      options: Object.freeze({ ...chosen }),
    });
    return Object.freeze({ ...node, dynamics });
  };
  return Object.assign(layer as CustomNeuron<S, P, I>, {
    states: Object.freeze(info.states),
    params: Object.freeze(names.params as P[]),
    method: info.method,
  });
}

function isListOf(inputs: Inputs): inputs is readonly InputDefinition[] {
  return Array.isArray(inputs);
}

function entries(name: string, value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    invalid(name, value, 'an object of names');
  }
  return Object.entries(value);
}

/** Splits `'-65 mV'` into a number and a unit; either may be missing. */
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
  definition: ParamDefinition,
  units: Record<string, string>,
): number | readonly number[] {
  const where = `params.${name}`;
  if (typeof definition === 'string') {
    const { value, unit } = quantity(where, definition);
    if (unit !== undefined) units[name] = unit;
    return value ?? invalid(where, definition, 'a value');
  }
  const isObject =
    typeof definition === 'object' &&
    definition !== null &&
    !Array.isArray(definition) &&
    !ArrayBuffer.isView(definition);
  const parsed = (
    isObject
      ? checkOptions(where, definition as { value: PerNeuron; unit?: string }, ['value', 'unit'])
      : { value: definition }
  ) as {
    value: PerNeuron;
    unit?: string;
  };
  const { value, unit } = parsed;
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
