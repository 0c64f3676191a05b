/** LI and LIF: leaky neurons. */

import { exp } from '../numbers/elementary.ts';
import type { FieldTypes } from './field-type.ts';
import { lowerLeaky } from './lower-leaky.ts';
import { leakConventions, spikeConventions, spikeFields } from './neuron-node.ts';
import type { NirNodeType, WrittenNeuron } from './node-type.ts';
import type { PopulationParameters } from './population-parameters.ts';

const leakFields: FieldTypes = {
  tau: { kind: 'positive', unit: 's' },
  r: { kind: 'finite' },
  v_leak: { kind: 'finite' },
};

/** A neuron that readNir built for a time constant shorter than a step. */
function overshot(p: PopulationParameters, rest: WrittenNeuron['fields']): WrittenNeuron {
  const tau = p.get('factor').map((factor) => p.dt / 1000 / (1 - factor));
  return {
    fields: { tau, r: p.get('gain').map((gain, i) => (gain * tau[i]! * 1000) / p.dt), ...rest },
  };
}

export const LI: NirNodeType = {
  fields: leakFields,
  becomes: '`li`',
  elementwise: true,
  conventions: leakConventions,
  populations: lowerLeaky,
  writesNeurons: {
    li: (p) => ({ fields: p.leak(), lost: p.lostInit('vLeak') }),
    'custom:nirLi': (p) => overshot(p, { v_leak: p.get('vLeak') }),
    'custom:nirSynapse': (p) => overshot(p, { v_leak: p.each(() => 0) }),
  },
};

export const LIF: NirNodeType = {
  fields: { ...leakFields, ...spikeFields },
  becomes: '`lif`; `multiLevelLif` for several spikes per step',
  elementwise: true,
  spiking: true,
  conventions: [...leakConventions, ...spikeConventions],
  populations: lowerLeaky,
  writesNeurons: {
    lif: (p) => ({ fields: { ...p.leak(), ...p.spiking() }, lost: p.lostOfSpikes('vLeak') }),
    lapicque: (p) => {
      // v + dt/(r c) (r x - v), with dt in the unit of r c.
      const [r, c] = [p.get('r'), p.get('c')];
      const step = p.has('timeStep') ? p.get('timeStep') : p.each(() => p.dt);
      const tau = p.each((i) => (r[i]! * c[i]! * p.dt) / 1000 / step[i]!);
      return {
        fields: { tau, r, v_leak: p.each(() => 0), ...p.spiking() },
        lost: p.lostOfSpikes(undefined),
      };
    },
    'parametric-lif': (p) => {
      const rate = p.get('w').map((w) => 1 / (1 + exp(-w)));
      const tau = rate.map((one) => p.dt / 1000 / one);
      const own = p.get('r');
      const r = p.option('inputScale') === 'weight' ? own.map((x, i) => x / rate[i]!) : own;
      return { fields: { tau, r, v_leak: p.get('vLeak'), ...p.spiking() }, lost: p.lostOfSpikes('vLeak') };
    },
    'multi-level-lif': (p) => ({ fields: { ...p.leak(), ...p.levels() }, lost: p.lostOfLevels() }),
    'custom:nirLif': (p) => overshot(p, { v_leak: p.get('vLeak'), ...p.spiking() }),
  },
};
