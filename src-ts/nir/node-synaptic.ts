/** CubaLI and CubaLIF: leaky neurons with a synaptic current. */
import type { FieldTypes } from './field-type.ts';
import { lowerLeaky } from './lower-leaky.ts';
import { leakConventions, spikeConventions, spikeFields } from './neuron-node.ts';
import type { NirNodeType } from './node-type.ts';
import type { PopulationParameters } from './population-parameters.ts';

const currentFields: FieldTypes = {
  tau_mem: { kind: 'positive', unit: 's' },
  tau_syn: { kind: 'positive', unit: 's' },
  r: { kind: 'finite' },
  v_leak: { kind: 'finite' },
  w_in: { kind: 'finite', optional: true },
};

function synapse(p: PopulationParameters) {
  const { tau, r, v_leak } = p.leak();
  const tau_syn = p.seconds('alpha', 'tauSyn');
  return { tau_mem: tau, tau_syn, r, v_leak, w_in: p.inputWeight(tau_syn) };
}

/** A current that acts a step later. */
function lostOrder(p: PopulationParameters): (readonly [string, string])[] {
  return p.option('currentOrder') === 'use-decay-add'
    ? [['currentOrder', "'use-decay-add'; in NIR the input of a step affects v in the same step"]]
    : [];
}

export const CubaLI: NirNodeType = {
  fields: currentFields,
  becomes: '`cubaLi`',
  elementwise: true,
  conventions: ['synapse', ...leakConventions],
  populations: lowerLeaky,
  writesNeurons: {
    'cuba-li': (p) => ({ fields: synapse(p), lost: [...lostOrder(p), ...p.lostInit('vLeak')] }),
  },
};

export const CubaLIF: NirNodeType = {
  fields: { ...currentFields, ...spikeFields },
  becomes: '`cubaLif`; a current and `multiLevelLif` for several spikes per step',
  elementwise: true,
  spiking: true,
  conventions: ['synapse', ...leakConventions, ...spikeConventions],
  populations: lowerLeaky,
  writesNeurons: {
    'cuba-lif': (p) => ({
      fields: { ...synapse(p), ...p.spiking() },
      lost: [...lostOrder(p), ...p.lostOfSpikes('vLeak')],
    }),
  },
};
