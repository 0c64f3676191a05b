/** Synapse models: the plasticity of a connection's weights, and one synapse driven by spike trains. */
import {
  attached,
  options as checkOptions,
  definite,
  finite,
  flag,
  invalid,
  oneOf,
  text,
  unknownName,
} from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { shortName } from '../checks/nearest-name.ts';
import { isKind } from '../checks/typed.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { ofNest } from './nest-synapses.ts';
import type { ModelNames } from './neuron-node.ts';

/**
 * A synapse model with its parameters, made by the functions of {@link synapse}: a frozen plain node.
 * As `synapse` of a connection's description it makes the connection plastic.
 */
export interface SynapseModel {
  readonly model: string;
  readonly params: Readonly<Record<string, number>>;
  readonly options: Readonly<Record<string, string>>;
  readonly like?: string;
  /** For a custom rule, whose `model` is `'custom'`. */
  readonly equations?: SynapseEquations;
  /** For several rules on one synapse, whose `model` is `'combined'`. */
  readonly rules?: readonly SynapseModel[];
}

/** Used by the generated factories. */
export function synapseModel(model: string, rawOptions: object, names: ModelNames): SynapseModel {
  if (typeof rawOptions !== 'object' || rawOptions === null)
    invalid(model, rawOptions, 'an object of options');
  const params: Record<string, number> = {};
  const options: Record<string, string> = {};
  const { like } = rawOptions as { like?: string };
  for (const [key, value] of Object.entries(rawOptions)) {
    if (value === undefined || key === 'like') continue;
    if (names.params.includes(key)) params[key] = finite(`${model}.${key}`, value);
    else if (names.options.includes(key)) options[key] = text(`${model}.${key}`, value);
    else {
      const kind = `option of ${model}`;
      const didYouMean = ofNest(model, like, key);
      if (didYouMean !== undefined && names.params.includes(didYouMean))
        throw new LapicqueError('unknown-name', { kind, name: shortName(key), didYouMean });
      throw unknownName(kind, key, [...names.params, ...names.options, 'like']);
    }
  }
  return Object.freeze({
    model,
    params: Object.freeze(params),
    options: Object.freeze(options),
    ...(like === undefined ? {} : { like: text(`${model}.like`, like) }),
  });
}

/** The statements of a custom rule, as stored in files. */
export interface SynapseEquations {
  readonly variables: readonly {
    readonly name: string;
    readonly init: number;
    readonly tau?: number | string;
  }[];
  readonly traces: readonly {
    readonly name: string;
    readonly of: 'pre' | 'post';
    readonly tau: number | string;
    readonly jump: 'add' | 'set';
  }[];
  readonly sights?: readonly {
    readonly name: string;
    readonly of: string;
    readonly tau?: number | string;
    readonly delay?: number | string;
    readonly held?: { readonly value: number | string; readonly time: number | string };
  }[];
  readonly pre?: string;
  readonly post?: string;
  readonly modulated?: string;
  readonly everyStep?: string;
  readonly when?: string;
  readonly transmit?: string;
}

/** A value of the target that a rule reads at the end of every step. Numbers are values or names of parameters. */
export interface Sight {
  /** A state of the target's model, such as `v`, or a previously defined observed value. */
  of: string;
  /**
   * Time constant of a low-pass filter in ms, exact for values that change linearly within a step; default no filter.
   */
  tau?: number | string;
  /** Delay of the observed value in ms; default 0. */
  delay?: number | string;
  /**
   * The value that replaces the state for `time` ms after a spike of the target. It stands for the spike's waveform,
   * which neurons with an immediate reset do not have.
   */
  held?: { value: number | string; time: number | string };
}

/** The definition of a {@link synapse}.rule. */
export interface RuleDefinition {
  /** Constants of the equations by name. `wMin` and `wMax`, if both are given, bound the weight after each event. */
  params?: Readonly<Record<string, number>>;
  /**
   * Variables of the synapse, in addition to its weight `w`, by name: the value before the first event, or `{ init, tau
   * }`. With `tau` (ms, or the name of a parameter) it decays to 0 between events; without it, it is constant between
   * events.
   */
  variables?: Readonly<Record<string, number | { init?: number; tau?: number | string }>>;
  /**
   * Exponential traces by name: `of` the spikes of the source or the target, `tau` in ms (or the name of a parameter),
   * and whether a spike adds 1 (`'add'`, the default: all-to-all pairing) or sets the trace to 1 (`'set'`:
   * nearest-neighbor pairing).
   */
  traces?: Readonly<
    Record<string, { of: 'pre' | 'post'; tau: number | string; jump?: 'add' | 'set' | undefined }>
  >;
  /**
   * States of the target that statements may read, by name: a state, `'v'`, or a {@link Sight}. `pre` reads values from
   * one dendritic delay ago, as it does for spikes of the target. Before the start of the simulation, the values are
   * those at the start.
   */
  sights?: Readonly<Record<string, string | Sight>>;
  /**
   * The effect of a spike of the source: `'w -= eta * y'`. Statements, separated by lines or semicolons, run in order.
   */
  pre?: string;
  /** The effect of a spike of the target. */
  post?: string;
  /** The effect of a spike of the modulator; at equal times it runs directly before `pre`. */
  modulated?: string;
  /**
   * The effect of every step of the target, `'w += eta * (u - theta) * x * dt'`. It runs before spikes that reach the
   * synapse at the same time. If `coincidence` orders spikes of the target after those of the source (`'pre-first'` and
   * `'both'`), it runs after those of the source and sees their effects.
   */
  everyStep?: string;
  /**
   * The steps in which `everyStep` runs: an expression of observed values and parameters, `'u > theta'`; default all
   * steps.
   */
  when?: string;
  /**
   * The value that arrives at the target, after `pre`; default `'w'`. In f32 at most 128 times the largest weight, in
   * f64 1,024 times.
   */
  transmit?: string;
  /** Whether a spike of the source and one of the target at the same time see each other; default `'neither'`. */
  coincidence?: 'neither' | 'pre-first' | 'post-first' | 'both';
  /** How exponentials decay: by `exp(-dt / tau)` per step, or by `1 - dt / tau`; default `'exact'`. */
  decay?: 'exact' | 'euler';
}

const ruleKeys = [
  'params',
  'variables',
  'traces',
  'sights',
  'pre',
  'post',
  'modulated',
  'everyStep',
  'when',
  'transmit',
  'coincidence',
  'decay',
] as const;

/**
 * A custom learning rule. Statements may read `w`, the variables, traces (before the event's own jump), observed
 * values, parameters, `dt`, and `elapsed`, the ms since the rule's last event at the synapse, which then is a readable
 * variable of the synapse. They may use `+ - * / ^`, comparisons, `exp`, `ln`, `sqrt`, `abs`, `min`, `max`, `clip`,
 * `where` and other functions of custom neurons. Without `everyStep` nothing is computed between events. With it, each
 * synapse runs its statements in each step in which `when` holds.
 * its statements for each step at which `when` holds.
 *
 * @example
 * ```ts
 * const hebb = synapse.rule({
 *   params: { eta: 0.01, wMin: 0, wMax: 1 },
 *   traces: { x: { of: 'pre', tau: 20 }, y: { of: 'post', tau: 20 } },
 *   pre: 'w -= 1.05 * eta * y',
 *   post: 'w += eta * x',
 * });
 * ```
 * @throws LapicqueError `unknown-name`, `invalid-parameter`; at use `equation` with line, column and frame
 */
export function rule(definition: RuleDefinition): SynapseModel {
  const checked = checkOptions('rule', definition, ruleKeys);
  const params = entries('params', checked.params).map(([name, value]) => [
    name,
    finite(`params.${name}`, value),
  ]);
  const variables = entries('variables', checked.variables).map(([name, value]) => {
    if (typeof value === 'number') return Object.freeze({ name, init: finite(`variables.${name}`, value) });
    const { init = 0, tau } = checkOptions(`variables.${name}`, value, ['init', 'tau']);
    const start = finite(`variables.${name}.init`, init);
    return Object.freeze({
      name,
      init: start,
      ...(tau === undefined ? {} : { tau: timeOf(`variables.${name}.tau`, tau) }),
    });
  });
  const traces = entries('traces', checked.traces).map(([name, value]) => {
    const { of, tau, jump = 'add' } = checkOptions(`traces.${name}`, value, ['of', 'tau', 'jump']);
    return Object.freeze({
      name,
      of: oneOf(`traces.${name}.of`, of, ['pre', 'post']),
      tau: timeOf(`traces.${name}.tau`, tau),
      jump: oneOf(`traces.${name}.jump`, jump, ['add', 'set']),
    });
  });
  const sights = entries('sights', checked.sights).map(([name, value]) => {
    if (typeof value === 'string') return Object.freeze({ name, of: value });
    const { of, tau, delay, held } = checkOptions(`sights.${name}`, value, ['of', 'tau', 'delay', 'held']);
    return Object.freeze({
      name,
      of: text(`sights.${name}.of`, of),
      ...(tau === undefined ? {} : { tau: timeOf(`sights.${name}.tau`, tau) }),
      ...(delay === undefined ? {} : { delay: numberOf(`sights.${name}.delay`, delay) }),
      ...(held === undefined ? {} : { held: heldOf(`sights.${name}.held`, held) }),
    });
  });
  const texts = (['pre', 'post', 'modulated', 'transmit'] as const).filter(
    (key) => checked[key] !== undefined,
  );
  const options = (['coincidence', 'decay'] as const).filter((key) => checked[key] !== undefined);
  return Object.freeze({
    model: 'custom',
    params: Object.freeze(Object.fromEntries(params) as Record<string, number>),
    options: Object.freeze(Object.fromEntries(options.map((key) => [key, text(key, checked[key])]))),
    equations: Object.freeze({
      variables: Object.freeze(variables),
      traces: Object.freeze(traces),
      ...(sights.length === 0 ? {} : { sights: Object.freeze(sights) }),
      ...Object.fromEntries(texts.map((key) => [key, text(key, checked[key])])),
      ...(checked.everyStep === undefined ? {} : { everyStep: text('everyStep', checked.everyStep) }),
      ...(checked.when === undefined ? {} : { when: text('when', checked.when) }),
    }),
  });
}

/**
 * Several models on one synapse. They share the weight `w`; each has its own variables and traces. At an event, all
 * variables first change as each model specifies between events, in the given order; then each model applies the event,
 * in the same order. The last model determines the value that arrives, so a model of short-term plasticity must be
 * last.
 *
 * @example
 * ```ts
 * const homeostatic = synapse.combine(synapse.stdp({ wMax: 1 }), synapse.synapticScaling({ wMax: 1 }));
 * const both = synapse.combine(synapse.stdp({ wMax: 1 }), synapse.tsodyksMarkram({ utilization: 0.2 }));
 * ```
 * @throws LapicqueError `invalid-parameter` for fewer than two models or a model that is combined itself; at use, for
 * models with different bounds of the weight or a different `coincidence`
 */
export function combine(...models: readonly SynapseModel[]): SynapseModel {
  if (models.length < 2) invalid('models', models.length, 'two synapse models or more');
  models.forEach((model, i) => {
    if (
      typeof model !== 'object' ||
      model === null ||
      typeof model.model !== 'string' ||
      model.model === 'combined'
    )
      invalid(`models[${i}]`, model, 'a synapse model, such as synapse.stdp()');
  });
  return Object.freeze({
    model: 'combined',
    params: Object.freeze({}),
    options: Object.freeze({}),
    rules: Object.freeze([...models]),
  });
}

function entries<T>(name: string, record: Readonly<Record<string, T>> | undefined): [string, T][] {
  if (record === undefined) return [];
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    invalid(name, record, 'an object');
  return Object.entries(record);
}

/** ms, or the name of the parameter that holds them. */
function timeOf(name: string, value: unknown): number | string {
  return typeof value === 'string' ? text(name, value) : finite(name, value, { above: 0 });
}

/** A value, or the name of the parameter that holds it. */
function numberOf(name: string, value: unknown): number | string {
  return typeof value === 'string' ? text(name, value) : finite(name, value);
}

function heldOf(name: string, value: { value: number | string; time: number | string }) {
  const checked = checkOptions(name, value, ['value', 'time']);
  return Object.freeze({
    value: numberOf(`${name}.value`, checked.value),
    time: numberOf(`${name}.time`, checked.time),
  });
}

/** Options of {@link driveSynapse}. */
export interface DriveOptions extends TaskOptions {
  /** Initial weight, in the unit of the model's parameters; default 1. */
  weight?: number;
  /**
   * In ms: a spike of the target at `t` reaches the synapse at `t + delay`, a spike of the source at once; default 0.
   */
  delay?: number;
  /** Ascending times of the source's spikes, in ms from 0. */
  pre: readonly number[] | Float64Array;
  /** Ascending times of the target's spikes. */
  post?: readonly number[] | Float64Array;
  /** Ascending times of the modulator's spikes, for rules such as `rewardStdp`. */
  modulator?: readonly number[] | Float64Array;
  /** Ascending times in ms at which all variables are recorded. */
  sampleTimes?: readonly number[] | Float64Array;
  /** Whether an event at exactly the time of a sample is applied before it; default false. */
  sampleAfter?: boolean;
  /** Step in ms of rules with `decay: 'euler'`; default 0.1. */
  dt?: number;
}

/** The result of {@link driveSynapse}. */
export interface SynapseResponse {
  /** The weight with which each spike of the source arrives at the target, `[pre]`. */
  transmitted: Float64Array;
  /** `w` after each spike of the source, `[pre]`. */
  weights: Float64Array;
  /** Every variable after the last event, by name. */
  last: Record<string, number>;
  /** Every variable at `sampleTimes`, by name, `[sampleTimes]`. */
  samples: Record<string, Float64Array>;
}

/**
 * Drives one synapse by spikes at given times, event by event and in double precision: the computation of one synapse
 * of a large network's connection. Spikes within 1e-6 ms count as simultaneous.
 *
 * @example
 * ```ts
 * const { last } = await driveSynapse(synapse.stdp({ wMax: 2 }), { pre: [10], post: [15], weight: 1 });
 * ```
 * @throws LapicqueError `invalid-parameter` for times that do not ascend, a value out of range, or a weight outside the
 * rule's bounds; `unknown-name`; `equation` for a custom rule; `aborted`
 */
export async function driveSynapse(model: SynapseModel, options: DriveOptions): Promise<SynapseResponse> {
  if (typeof model !== 'object' || model === null)
    invalid('model', model, 'a synapse model, such as synapse.stdp()');
  definite('model', model);
  const checked = checkOptions('driveSynapse', options, [
    'weight',
    'delay',
    'pre',
    'post',
    'modulator',
    'sampleTimes',
    'sampleAfter',
    'dt',
    'signal',
    'onProgress',
  ]);
  const { weight = 1, delay = 0, pre, post = [], modulator = [], sampleTimes = [], dt = 0.1 } = checked;
  const after = checked.sampleAfter === undefined ? false : flag('sampleAfter', checked.sampleAfter);
  const raw = (await task(checked, (handle) =>
    addon.driveSynapse(
      JSON.stringify(model),
      finite('dt', dt, { above: 0 }),
      finite('weight', weight),
      finite('delay', delay, { min: 0 }),
      times('pre', pre),
      times('post', post),
      times('modulator', modulator),
      times('sampleTimes', sampleTimes),
      after,
      handle,
    ),
  )) as {
    names: string[];
    transmitted: Float64Array;
    weights: Float64Array;
    last: Float64Array;
    samples: Float64Array;
  };
  const { names, transmitted, weights } = raw;
  const samples = names.map((name, i) => {
    const at = (_: unknown, k: number) => raw.samples[k * names.length + i]!;
    return [name, Float64Array.from({ length: raw.samples.length / names.length }, at)];
  });
  return {
    transmitted,
    weights,
    last: Object.fromEntries(names.map((name, i) => [name, raw.last[i]!])),
    samples: Object.fromEntries(samples) as Record<string, Float64Array>,
  };
}

function times(name: string, value: unknown): Float64Array {
  attached(name, value);
  if (isKind(value, Float64Array)) return value;
  if (!Array.isArray(value)) invalid(name, value, 'an array of times in ms, or a Float64Array');
  return Float64Array.from(value, (x, i) => finite(`${name}[${i}]`, x));
}
