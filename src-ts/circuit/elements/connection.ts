/** Connections and inputs as plain data. */

import type { SynapseModel } from '../../neurons/synapse-model.ts';
import type { CurrentSource, NoiseSource, PoissonSource } from './devices.ts';
import type { SynapseValues } from './distribution.ts';
import type { Population, Postsynaptic, Presynaptic, SpikeSource } from './populations.ts';
import type { Rule } from './rule.ts';
import type { StructuralPlasticity } from './structural.ts';

/** Synapses between neurons, or a device's input to neurons. */
export type Connection =
  | {
      readonly element: 'connection';
      readonly from: Presynaptic;
      readonly to: Postsynaptic;
      readonly rule: Rule;
      readonly synapse: Readonly<Synapse>;
    }
  | {
      readonly element: 'input';
      readonly from: PoissonSource | NoiseSource | CurrentSource;
      readonly to: Postsynaptic;
      readonly weight?: number;
      readonly port?: string;
      readonly name?: string;
    };

/** What a connection's synapses are. */
export interface Synapse {
  /** In the unit of the port: pA, nS, or mV for a jump of the membrane. What arrives is within 1/1024 of it. */
  weight: SynapseValues;
  /** In ms, at least one step; drawn ones and those of a distance are rounded to steps, others must be whole steps. */
  delay: SynapseValues;
  /**
   * Input of the neurons. Default the only one; where there are `excitatory` and `inhibitory`, that of the weight's sign,
   * which is then taken off.
   */
  port?: string;
  /** How synapses change, such as `synapse.stdp()`; left out, they do not. */
  model?: SynapseModel;
  /**
   * How much of the delays is the dendrite's, in ms, a whole number of steps, of synapses with a `model`: a spike of the target is
   * at the synapse so long after it, one of the source so long before what is transmitted arrives. The axon has the rest; the
   * dendrite has all of a delay that is shorter, and of all delays when this is left out.
   */
  dendriticDelay?: number;
  /** How synapses come and go; left out, they stay. With it there is one weight and one delay. */
  structural?: StructuralPlasticity;
  /** The population or source whose spikes modulate the rule, as dopamine does: at once and in all synapses. */
  modulator?: Population | SpikeSource;
  /** By which the axes of `simulateMany` find the connection; connections that share a name change together. Default none. */
  name?: string;
}
