/** Synapses that change, by the `model_template` of edges: NEST's as ours, ours by their names, and the caller's. */

import type { SynapseModel } from '../neurons/synapse-model.ts';
import * as synapse from '../neurons/synapses.generated.ts';
import type { NestNeurons, NestValue } from './nest-models.ts';

type Numbers = Readonly<Record<string, number>>;

/** One of NEST's models as one of ours. */
interface Twin {
  make(options: Record<string, number>, refuse: (feature: string) => never): SynapseModel;
  /** NEST's parameters as ours, with NEST's defaults (NEST 3.10). */
  readonly params: Readonly<Record<string, readonly [ours: string, value: number]>>;
  /** Those that NEST has in the neuron behind. */
  readonly target?: Readonly<Record<string, readonly [ours: string, value: number]>>;
}

const short = {
  U: ['utilization', 0.5],
  x: ['xInit', 1],
  tau_rec: ['tauRec', 800],
  tau_fac: ['tauFac', 0],
} as const;

const twins: Readonly<Record<string, Twin>> = {
  stdp_synapse: {
    make: (options) => synapse.stdp({ ...options, like: 'nest' }),
    params: {
      ...{ tau_plus: ['tauPlus', 20], lambda: ['lambda', 0.01], alpha: ['alpha', 1], mu_plus: ['muPlus', 1] },
      ...{ mu_minus: ['muMinus', 1], Wmax: ['wMax', 100] },
    },
    target: { tau_minus: ['tauMinus', 20] },
  },
  stdp_triplet_synapse: {
    make: (options) => synapse.tripletStdp({ ...options, like: 'nest' }),
    params: {
      ...{ tau_plus: ['tauPlus', 16.8], tau_plus_triplet: ['tauX', 101], Aplus: ['aPlus', 5e-10] },
      ...{ Aplus_triplet: ['aPlusTriplet', 0.0062], Aminus: ['aMinus', 0.007] },
      ...{ Aminus_triplet: ['aMinusTriplet', 0.00023], Wmax: ['wMax', 100] },
    },
    target: { tau_minus: ['tauMinus', 20], tau_minus_triplet: ['tauY', 110] },
  },
  vogels_sprekeler_synapse: {
    make({ tauMinus, ...options }, refuse) {
      if (tauMinus !== options.tau)
        refuse('the synapse vogels_sprekeler_synapse onto neurons whose tau_minus is not its tau');
      return synapse.inhibitoryStdp(options);
    },
    params: { tau: ['tau', 20], eta: ['eta', 0.001], alpha: ['alpha', 0.12], Wmax: ['wMax', 1] },
    target: { tau_minus: ['tauMinus', 20] },
  },
  tsodyks_synapse: {
    make: (options) => synapse.tsodyksMarkram({ ...options, like: 'nest' }),
    params: { ...short, u: ['uInit', 0], y: ['yInit', 0], tau_psc: ['tauPsc', 3] },
  },
  tsodyks2_synapse: {
    make: (options) => synapse.tsodyksMarkram({ ...options, like: 'nest-tsodyks2' }),
    params: { ...short, u: ['uFirst', 0.5] },
  },
};

/** Makes synapses of a model that is no built-in one of NEST's, of the parameters that edges and their types have under `dynamics_params`. */
export type SonataSynapse = (params: Readonly<Record<string, number | string>>) => SynapseModel;

/** Models of ours that need nothing but their options. */
const ours: Readonly<Record<string, SonataSynapse>> = Object.fromEntries(
  Object.entries({
    ...{ tsodyksMarkram: synapse.tsodyksMarkram, stdp: synapse.stdp, tripletStdp: synapse.tripletStdp },
    ...{ inhibitoryStdp: synapse.inhibitoryStdp, oja: synapse.oja, bcm: synapse.bcm },
    ...{ synapticScaling: synapse.synapticScaling, clopath: synapse.clopath },
  }).map(([name, make]) => [`lapicque:${name}`, make as SonataSynapse]),
);

/** Parameters of one of NEST's models, `'any'` where a function checks them, `undefined` for a model that there is not. */
export function synapseParams(
  template: string,
  own: Readonly<Record<string, SonataSynapse>>,
): ReadonlySet<string> | 'any' | undefined {
  if (Object.hasOwn(own, template) || Object.hasOwn(ours, template)) return 'any';
  return Object.hasOwn(twins, template) ? new Set(Object.keys(twins[template]!.params)) : undefined;
}

/**
 * A model with its parameters, onto neurons that have a part of NEST's.
 *
 * @param targets - which neurons of `onto` they are
 * @param refuse - throws what is not possible
 */
export function synapseModelOf(
  model: string,
  params: Readonly<Record<string, number | string>>,
  own: Readonly<Record<string, SonataSynapse>>,
  onto: Pick<NestNeurons, 'weight' | 'plasticity'>,
  targets: Uint32Array,
  refuse: (feature: string) => never,
): SynapseModel {
  if (onto.weight(1) !== 1) refuse(`the synapse ${model} onto neurons whose weights have another unit`);
  const custom = Object.hasOwn(own, model) ? own[model] : ours[model];
  if (custom !== undefined) return custom(params);
  const { make, params: names, target = {} } = twins[model]!;
  const options: Record<string, number> = {};
  const assign = (from: typeof names, values: Readonly<Record<string, NestValue>>) => {
    for (const [name, [option, value]] of Object.entries(from)) {
      const one = common(values[name] ?? value, targets);
      if (one === undefined) return refuse(`targets of the synapse ${model} that differ in ${name}`);
      // Signs are those of the weights.
      options[option] = option === 'wMax' ? Math.abs(one) : one;
    }
  };
  assign(names, params as Numbers);
  assign(target, onto.plasticity);
  return make(options, refuse);
}

/** The value that some neurons have all. */
function common(value: NestValue, neurons: Uint32Array): number | undefined {
  if (typeof value === 'number') return value;
  const [first] = neurons;
  return neurons.every((i) => value[i] === value[first!]) ? value[first!] : undefined;
}
