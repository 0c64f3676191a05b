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

/** Options of a connection's synapses. */
export interface Synapse {
  /** In the unit of the port: pA, nS, or mV for a jump of the membrane. The transmitted value is within 1/1024 of it. */
  weight: SynapseValues;
  /** In ms, at least one step. Delays from distributions and expressions are rounded to steps; others must be whole steps. */
  delay: SynapseValues;
  /**
   * Input of the neurons. Default the only one. For neurons with the inputs `excitatory` and `inhibitory`: the input of the weight's sign, with the
   * weight's magnitude.
   */
  port?: string;
  /** The plasticity rule, such as `synapse.stdp()`; default: static synapses. */
  model?: SynapseModel;
  /**
   * The dendritic part of the delays in ms, a whole number of steps, for synapses with a `model`. A spike of the target reaches the synapse after
   * this time; a spike of the source reaches the synapse this time before it reaches the target. The rest of the delay is axonal. Shorter delays are
   * fully dendritic; default: all delays are.
   */
  dendriticDelay?: number;
  /** How synapses are created and deleted; default: they are not. With it, the connection has one weight and one delay. */
  structural?: StructuralPlasticity;
  /** The population or source whose spikes modulate the rule, as dopamine does: without delay, in all synapses. */
  modulator?: Population | SpikeSource;
  /** The name for the axes of `simulateMany`; connections that share a name change together. Default none. */
  name?: string;
}
