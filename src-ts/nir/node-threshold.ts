/** Threshold: spikes where the input exceeds a threshold. */
import { lif } from '../neurons/models.generated.ts';
import { lowered } from './neuron-node.ts';
import type { NirNodeType } from './node-type.ts';

export const Threshold: NirNodeType = {
  fields: { threshold: { kind: 'finite' } },
  becomes: '`lif` without memory',
  elementwise: true,
  spiking: true,
  populations: ({ get }) =>
    lowered(lif({ beta: 0, reset: 'none', compare: '>', vThreshold: get('threshold')! })),
  writesNeurons: {
    lif: (p) => {
      const hasNoMemory =
        p.factor('beta', 'tauMem').every((x) => x === 0) && p.get('vLeak').every((v) => v === 0);
      const gain = p.resistance(p.seconds('beta', 'tauMem'));
      const isThreshold =
        hasNoMemory &&
        p.option('reset') === 'none' &&
        gain.every((x) => x > 0) &&
        p.lostOfSpikes('vLeak').length === 1;
      return isThreshold
        ? { fields: { threshold: p.get('vThreshold').map((v, i) => v / gain[i]!) } }
        : undefined;
    },
  },
};
