/** Synapses that change, by the `model_template` of edges: NEST's as ours, ours by their names, and the caller's. */

import { type NestSynapse, nestSynapses } from '../neurons/nest-synapses.ts';
import type { SynapseModel } from '../neurons/synapse-model.ts';
import * as synapse from '../neurons/synapses.generated.ts';
import type { NestNeurons, NestValue } from './nest-models.ts';

type Numbers = Readonly<Record<string, number>>;

/** Makes one of NEST's models of our options. */
type Make = (options: Record<string, number>, refuse: (feature: string) => never) => SynapseModel;

const makers: Readonly<Record<keyof typeof nestSynapses, Make>> = {
  stdp_synapse: (options) => synapse.stdp({ ...options, like: 'nest' }),
  stdp_triplet_synapse: (options) => synapse.tripletStdp({ ...options, like: 'nest' }),
  vogels_sprekeler_synapse({ tauMinus, ...options }, refuse) {
    if (tauMinus !== options.tau)
      refuse('the synapse vogels_sprekeler_synapse onto neurons whose tau_minus is not its tau');
    return synapse.inhibitoryStdp(options);
  },
  tsodyks_synapse: (options) => synapse.tsodyksMarkram({ ...options, like: 'nest' }),
  tsodyks2_synapse: (options) => synapse.tsodyksMarkram({ ...options, like: 'nest-tsodyks2' }),
};

/** NEST's models as ours, by their names. */
const twins: Readonly<Record<string, NestSynapse & { readonly make: Make }>> = Object.fromEntries(
  Object.entries(makers).map(([name, make]) => [
    name,
    { ...nestSynapses[name as keyof typeof nestSynapses], make },
  ]),
);

/** A function that makes synapses of a model that is not one of NEST's built-in models, from the `dynamics_params` of edges and their types. */
export type SonataSynapse = (params: Readonly<Record<string, number | string>>) => SynapseModel;

/** Models of ours that need nothing but their options. */
const ours: Readonly<Record<string, SonataSynapse>> = Object.fromEntries(
  Object.entries({
    ...{ tsodyksMarkram: synapse.tsodyksMarkram, stdp: synapse.stdp, tripletStdp: synapse.tripletStdp },
    ...{ inhibitoryStdp: synapse.inhibitoryStdp, oja: synapse.oja, bcm: synapse.bcm },
    ...{ synapticScaling: synapse.synapticScaling, clopath: synapse.clopath },
  }).map(([name, make]) => [`lapicque:${name}`, make as SonataSynapse]),
);

/** Whether a `model_template` is BMTK's synapse onto cells with a morphology. */
export const isExp2Syn = (template: string): boolean => template.toLowerCase() === 'exp2syn';

/** Parameters of one of NEST's models, `'any'` where a function checks them, `undefined` for a model that there is not. */
export function synapseParams(
  template: string,
  own: Readonly<Record<string, SonataSynapse>>,
): ReadonlySet<string> | 'any' | undefined {
  // The parameters of exp2syn are checked together with its place.
  if (isExp2Syn(template)) return 'any';
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
