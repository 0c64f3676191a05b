/** NEST's neurons as ours: names, defaults and units of parameters and states. */
import { invalid, unknownName } from '../checks/check.ts';
import { type NeuronModel, type PopulationOptions, population } from '../circuit/elements/elements.ts';
import type { Population } from '../circuit/elements/populations.ts';
import {
  aeifCondExp,
  aeifPscExp,
  hhPscAlpha,
  iafCondAlpha,
  iafCondExp,
  iafPscAlpha,
  iafPscExp,
  izhikevich,
  lif,
} from '../neurons/models.generated.ts';
import { exp } from '../numbers/elementary.ts';

/** A parameter or state of one neuron, or of each. */
export type NestValue = number | readonly number[] | Float64Array;

type Values = Readonly<Record<string, NestValue>>;

/** One of NEST's models as one of ours. */
interface Twin {
  make(n: number, params: Values, rest: PopulationOptions): Population;
  /** NEST's parameters as ours. */
  params: Readonly<Record<string, string>>;
  /** NEST's quantities as our states. */
  states: Readonly<Record<string, string>>;
  /** NEST's defaults of parameters and states (NEST 3.10). */
  defaults: Readonly<Record<string, number>>;
  /** What a weight of NEST's is as an input of ours. */
  weight?(weight: number, dt: number, consistent: boolean): number;
  /** What a current of NEST's is as an input of ours, by the neuron's parameters. */
  current?(current: number, dt: number, param: (name: string) => number): number;
}

/** Parameters of NEST's neurons that belong to its plasticity and its solver, with their defaults. */
const plasticityDefaults = {
  tau_minus: 20,
  tau_minus_triplet: 110,
  tau_Ca: 10_000,
  beta_Ca: 0.001,
  gsl_error_tol: 1e-3,
};
const plasticityParameters: readonly string[] = Object.keys(plasticityDefaults);

/** A function of parameters, neuron by neuron where one of them is a list. */
function each(f: (...xs: number[]) => number, ...values: readonly NestValue[]): NestValue {
  const n = values.reduce<number | undefined>((n, x) => (typeof x === 'number' ? n : x.length), undefined);
  const at = (i: number) => f(...values.map((x) => (typeof x === 'number' ? x : x[i]!)));
  return n === undefined ? at(0) : Array.from({ length: n }, (_, i) => at(i));
}

const membrane = { C_m: 'c', E_L: 'vLeak', V_reset: 'vReset', t_ref: 'tauRef', I_e: 'iBias' };
const synaptic = { tau_syn_ex: 'tauE', tau_syn_in: 'tauI' };
const reversal = { E_ex: 'vE', E_in: 'vI' };
const leak = { ...membrane, V_th: 'vThreshold', tau_m: 'tauMem' };
const cond = { ...membrane, ...synaptic, ...reversal, V_th: 'vThreshold', g_L: 'gL' };
const aeif = {
  ...membrane,
  ...synaptic,
  Delta_T: 'deltaT',
  V_peak: 'vPeak',
  V_th: 'vT',
  a: 'a',
  b: 'b',
  g_L: 'gL',
  tau_w: 'tauW',
};
const currents = { V_m: 'v', I_syn_ex: 'iE', I_syn_in: 'iI' };
const conductances = { V_m: 'v', g_ex: 'gE', g_in: 'gI' };

const leaky = { C_m: 250, E_L: -70, I_e: 0, V_m: -70, V_th: -55, t_ref: 2 };
const leakyPsc = { ...leaky, V_reset: -70, tau_m: 10 };
const leakyCond = {
  ...leaky,
  ...{ E_ex: 0, E_in: -85, V_reset: -60, g_L: 16.6667, tau_syn_ex: 0.2, tau_syn_in: 2 },
};
const adaptive = {
  ...{ C_m: 281, Delta_T: 2, E_L: -70.6, I_e: 0, V_m: -70.6, V_peak: 0, V_reset: -60, V_th: -50.4, a: 4 },
  ...{ b: 80.5, g_L: 30, t_ref: 0, tau_syn_ex: 0.2, tau_syn_in: 2, tau_w: 144, w: 0 },
};

/** Neurons of a model that has NEST's parameters under other names. */
const as =
  <O extends object>(model: NeuronModel<O>): Twin['make'] =>
  (n, params, rest) =>
    population(model, n, { ...params, ...rest } as never);

const twins: Readonly<Record<string, Twin>> = {
  iaf_psc_exp: {
    make: as(iafPscExp),
    params: { ...leak, ...synaptic },
    states: currents,
    defaults: { ...leakyPsc, tau_syn_ex: 2, tau_syn_in: 2 },
  },
  iaf_psc_alpha: {
    make: as(iafPscAlpha),
    params: { ...leak, ...synaptic, V_min: 'vMin' },
    states: currents,
    defaults: { ...leakyPsc, tau_syn_ex: 2, tau_syn_in: 2 },
  },
  iaf_cond_exp: {
    make: as(iafCondExp),
    params: cond,
    states: conductances,
    defaults: leakyCond,
  },
  iaf_cond_alpha: {
    make: as(iafCondAlpha),
    params: cond,
    states: { ...conductances, dg_ex: 'dE', dg_in: 'dI' },
    defaults: leakyCond,
  },
  aeif_cond_exp: {
    make: as(aeifCondExp),
    params: { ...aeif, ...reversal },
    states: { ...conductances, w: 'w' },
    defaults: { ...adaptive, E_ex: 0, E_in: -85 },
  },
  aeif_psc_exp: {
    make: as(aeifPscExp),
    params: aeif,
    states: { ...currents, w: 'w' },
    defaults: adaptive,
  },
  hh_psc_alpha: {
    make: as(hhPscAlpha),
    params: {
      ...{ C_m: 'c', E_K: 'vK', E_L: 'vLeak', E_Na: 'vNa', I_e: 'iBias', g_K: 'gK', g_L: 'gL', g_Na: 'gNa' },
      ...{ t_ref: 'tauRef', ...synaptic },
    },
    states: { ...currents, Act_m: 'm', Inact_h: 'h', Act_n: 'n' },
    defaults: {
      ...{ C_m: 100, E_K: -77, E_L: -54.402, E_Na: 50, I_e: 0, V_m: -65, g_K: 3600, g_L: 30, g_Na: 12000 },
      ...{ t_ref: 2, tau_syn_ex: 0.2, tau_syn_in: 2 },
    },
  },
  iaf_psc_delta: {
    make(n, { c, iBias, vLeak, ...params }, rest) {
      // A constant current moves the potential towards which v decays.
      const towards = each((v, tau, i, c) => v + (tau * i) / c, vLeak!, params.tauMem!, iBias!, c!);
      return population(lif, n, { ...params, ...rest, like: 'nest', vLeak: towards } as never);
    },
    params: { ...leak, V_min: 'vMin' },
    states: { V_m: 'v' },
    defaults: leakyPsc,
    // In NEST pA, in ours what v moves by in one step.
    current(current, dt, param) {
      const tau = param('tau_m');
      return ((1 - exp(-dt / tau)) * tau * current) / param('C_m');
    },
  },
  izhikevich: {
    make: (n, { iBias, consistent, ...params }, rest) =>
      population(izhikevich, n, {
        ...params,
        ...rest,
        k0: each((i) => 140 + i, iBias!),
        method: consistent ? 'simultaneous' : 'half-steps',
      } as never),
    params: {
      ...{ I_e: 'iBias', V_min: 'vMin', V_th: 'vPeak', a: 'a', b: 'b', c: 'c', d: 'd' },
      consistent_integration: 'consistent',
    },
    states: { V_m: 'v', U_m: 'u' },
    defaults: {
      ...{ I_e: 0, U_m: -13, V_m: -65, V_th: 30, a: 0.02, b: 0.2, c: -65, d: 8, consistent_integration: 1 },
    },
    // A spike is a jump of V, in ours a current that lasts one step; without consistency it is that in NEST, too.
    weight: (weight, dt, consistent) => (consistent ? weight / dt : weight),
  },
};

/** The models of NEST that there are here. */
export const nestModels: readonly string[] = Object.keys(twins);

/** Neurons, and what weights and currents of NEST's are as their inputs. */
export interface NestNeurons {
  readonly cells: Population;
  /** What NEST has in its neurons of the synapses onto them. */
  readonly plasticity: Readonly<Record<string, NestValue>>;
  weight(weight: number): number;
  /** Into the neuron of that number. */
  current(current: number, neuron: number): number;
}

/**
 * Neurons of one of NEST's models, with its names of parameters and states, its units and its defaults.
 *
 * @param parameters - parameters and states at the start, one number or one per neuron
 * @param dt - in ms: refractory periods are as many whole steps as NEST makes of them
 * @throws LapicqueError `unknown-name`
 */
export function nestNeurons(
  model: string,
  n: number,
  given: Readonly<Record<string, unknown>>,
  dt: number,
  { initial, ...rest }: PopulationOptions & { subSteps?: number } = {},
): NestNeurons {
  const equivalent = Object.hasOwn(twins, model) ? twins[model]! : undefined;
  if (equivalent === undefined) throw unknownName("neuron of NEST's", model, nestModels);
  const parameters = { ...equivalent.defaults, ...wellFormed(model, given) };
  for (const name of Object.keys(parameters)) checkNestName(model, name);
  const params: Record<string, NestValue> = {};
  const start: Record<string, NestValue> = {};
  for (const [name, value] of Object.entries(parameters)) {
    if (plasticityParameters.includes(name)) continue;
    const ours = equivalent.params[name];
    if (ours === undefined) start[equivalent.states[name]!] = value;
    else params[ours] = name === 't_ref' ? steps(value, dt) : value;
  }
  const { consistent_integration: consistent = 1 } = parameters;
  if (typeof consistent !== 'number')
    invalid(`${model}.consistent_integration`, consistent, 'one value for all neurons of a population');
  const cells = equivalent.make(n, params, { ...rest, initial: { ...(start as object), ...initial } });
  return {
    cells,
    plasticity: Object.fromEntries(
      Object.entries(parameters).filter(([name]) => plasticityParameters.includes(name)),
    ),
    weight: (w) => equivalent.weight?.(w, dt, consistent !== 0) ?? w,
    current(i, neuron) {
      const param = (name: string) => {
        const value = parameters[name]!;
        return typeof value === 'number' ? value : value[neuron]!;
      };
      return equivalent.current?.(i, dt, param) ?? i;
    },
  };
}

/** Numbers, and flags as numbers; a bound that is `null` is none. */
function wellFormed(model: string, parameters: Readonly<Record<string, unknown>>): Record<string, NestValue> {
  const entries = Object.entries(parameters).flatMap(([name, value]): [string, NestValue][] => {
    if (name === 'V_min' && (value === null || value === Number.NEGATIVE_INFINITY)) return [];
    if (typeof value === 'boolean') return [[name, Number(value)]];
    const isValue = typeof value === 'number' || Array.isArray(value) || value instanceof Float64Array;
    if (!isValue) invalid(`${model}.${name}`, value, 'a number, or one per neuron');
    return [[name, value as NestValue]];
  });
  return Object.fromEntries(entries);
}

/** NEST takes the whole steps in which a refractory period ends, we the nearest. */
function steps(period: NestValue, dt: number): NestValue {
  return each((t) => dt * Math.ceil(t / dt - 1e-6), period);
}

/** Our name of one of NEST's recorded quantities. */
export function nestState(model: string, quantity: string): string | undefined {
  const states = twins[model]?.states ?? {};
  return Object.hasOwn(states, quantity) ? states[quantity] : undefined;
}

/** Names of what NEST records of a model. */
export function nestQuantities(model: string): string[] {
  return Object.keys(twins[model]?.states ?? {});
}

/** What NEST gives parameters and states that are not said; `undefined` for a model that there is not. */
export function nestDefaults(model: string): Readonly<Record<string, number>> | undefined {
  return Object.hasOwn(twins, model) ? { ...plasticityDefaults, ...twins[model]!.defaults } : undefined;
}

/**
 * Whether one of NEST's models has a parameter or state.
 *
 * @throws LapicqueError `unknown-name`
 */
export function checkNestName(model: string, name: string): void {
  const { params, states } = twins[model]!;
  const known = [...Object.keys({ ...params, ...states }), ...plasticityParameters];
  if (!known.includes(name)) throw unknownName(`parameter of ${model}`, name, known);
}
