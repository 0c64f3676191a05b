/** NEST's synapses as ours: the names of their parameters, with NEST's defaults (NEST 3.10). */

/** NEST's parameters by name: ours, and the default. */
type Names = Readonly<Record<string, readonly [ours: string, value: number]>>;

/** One of NEST's models. */
export interface NestSynapse {
  /** The key of our model. */
  readonly model: string;
  /** Its option `like`. */
  readonly like?: string;
  readonly params: Names;
  /** Parameters that NEST has in the postsynaptic neuron. */
  readonly target?: Names;
}

const short = {
  U: ['utilization', 0.5],
  x: ['xInit', 1],
  tau_rec: ['tauRec', 800],
  tau_fac: ['tauFac', 0],
} as const;

/** By NEST's name. */
export const nestSynapses = {
  stdp_synapse: {
    ...{ model: 'stdp', like: 'nest' },
    params: {
      ...{ tau_plus: ['tauPlus', 20], lambda: ['lambda', 0.01], alpha: ['alpha', 1], mu_plus: ['muPlus', 1] },
      ...{ mu_minus: ['muMinus', 1], Wmax: ['wMax', 100] },
    },
    target: { tau_minus: ['tauMinus', 20] },
  },
  stdp_triplet_synapse: {
    ...{ model: 'triplet-stdp', like: 'nest' },
    params: {
      ...{ tau_plus: ['tauPlus', 16.8], tau_plus_triplet: ['tauX', 101], Aplus: ['aPlus', 5e-10] },
      ...{ Aplus_triplet: ['aPlusTriplet', 0.0062], Aminus: ['aMinus', 0.007] },
      ...{ Aminus_triplet: ['aMinusTriplet', 0.00023], Wmax: ['wMax', 100] },
    },
    target: { tau_minus: ['tauMinus', 20], tau_minus_triplet: ['tauY', 110] },
  },
  vogels_sprekeler_synapse: {
    model: 'inhibitory-stdp',
    params: { tau: ['tau', 20], eta: ['eta', 0.001], alpha: ['alpha', 0.12], Wmax: ['wMax', 1] },
    // Ours has one time constant: NEST's two must be equal.
    target: { tau_minus: ['tauMinus', 20] },
  },
  tsodyks_synapse: {
    ...{ model: 'tsodyks-markram', like: 'nest' },
    params: { ...short, u: ['uInit', 0], y: ['yInit', 0], tau_psc: ['tauPsc', 3] },
  },
  tsodyks2_synapse: {
    ...{ model: 'tsodyks-markram', like: 'nest-tsodyks2' },
    // Its u is that of the first spike.
    params: { ...short, u: ['uFirst', 0.5] },
  },
} as const satisfies Readonly<Record<string, NestSynapse>>;

/** The parameter of one of our models that NEST has under a name, under the option `like` if it says which of NEST's models is meant. */
export function ofNest(model: string, like: string | undefined, name: string): string | undefined {
  const all = Object.values<NestSynapse>(nestSynapses).filter((one) => one.model === model);
  const own = like === undefined ? all : all.filter((one) => one.like === like);
  for (const { params, target = {} } of own) {
    const names = { ...params, ...target };
    if (Object.hasOwn(names, name)) return names[name]![0];
  }
  return undefined;
}
