/** I and IF: neurons without leak. */
import { integrateAndFire, li, multiLevelLif } from '../neurons/models.generated.ts';
import { each, lowered, spikeConventions, spikeFields } from './neuron-node.ts';
import type { NirNodeType } from './node-type.ts';

export const I: NirNodeType = {
  fields: { r: { kind: 'finite' } },
  becomes: '`li` without leak',
  elementwise: true,
  populations: ({ get, dt }) => lowered(li({ beta: 1, r: each((x) => (x * dt) / 1000, get('r') ?? 1) })),
  writesNeurons: {
    li: (p) => (p.hasNoLeak() ? { fields: { r: p.integrator() }, lost: p.lostInit(undefined) } : undefined),
  },
};

export const IF: NirNodeType = {
  fields: { r: { kind: 'finite' }, ...spikeFields },
  becomes: '`integrateAndFire`; `multiLevelLif` for several spikes per step',
  elementwise: true,
  spiking: true,
  conventions: ['ifGain', ...spikeConventions],
  populations: (neuron) => {
    const { get, dt, conventions } = neuron;
    const { fire, levels } = neuron.spikes(false);
    const r = get('r') ?? 1;
    const one = conventions.ifGain === 'one';
    if (levels !== undefined)
      return lowered(multiLevelLif({ beta: 1, r: one ? 1 : each((x) => (x * dt) / 1000, r), ...levels }));
    if (one) return lowered(integrateAndFire({ ...fire }));
    return lowered(integrateAndFire({ r: each((x) => x / 1000, r), inputScale: 'dt', ...fire }));
  },
  writesNeurons: {
    lif: (p) =>
      p.hasNoLeak()
        ? { fields: { r: p.integrator(), ...p.spiking() }, lost: p.lostOfSpikes(undefined) }
        : undefined,
    if: (p) => {
      const r = p.option('inputScale') === 'dt' ? p.get('r').map((x) => x * 1000) : p.integrator();
      return { fields: { r, ...p.spiking() }, lost: p.lostOfSpikes(undefined) };
    },
    'multi-level-lif': (p) =>
      p.hasNoLeak() ? { fields: { r: p.integrator(), ...p.levels() }, lost: p.lostOfLevels() } : undefined,
  },
};
