/** A large network as plain data, the content of a network file. */

import type { Connection } from './elements/connection.ts';
import type { SynapseValues, Values } from './elements/distribution.ts';
import type { Layout } from './elements/layout.ts';
import type { NeuronsSpec, Population, SpikeSource } from './elements/populations.ts';
import type { LfpOptions } from './elements/recorders.ts';

/** The version of {@link CircuitDescription}; a newer one is refused. */
export const version = 1;

/** A network as plain data, the content of a network file. Units: ms, mV, pA, nS, Hz. */
export interface CircuitDescription {
  readonly version: number;
  /** Default time step in ms of its simulations; default 0.1. */
  readonly dt?: number;
  readonly populations: readonly {
    readonly name: string;
    readonly size: number;
    /** The neuron model, as in layers: `{ model, params, options }`. */
    readonly neuron: object;
    readonly initial?: Readonly<Record<string, Values>>;
    readonly layout?: Layout;
    /** How a parameter adapts to rates, see `IntrinsicPlasticity`. */
    readonly intrinsic?: object;
  }[];
  readonly sources?: readonly {
    readonly name: string;
    readonly trains: readonly ArrayLike<number>[];
    readonly layout?: Layout;
  }[];
  readonly connections?: readonly {
    /** The name for axes of a sweep; several connections may share one. */
    readonly name?: string;
    /** Source neurons: of a population or of a spike source. */
    readonly from: NeuronsSpec;
    readonly to: NeuronsSpec;
    readonly rule: { readonly kind: string } & object;
    readonly weight: SynapseValues;
    readonly delay: SynapseValues;
    /** The dendritic part of the delays, in ms. */
    readonly dendriticDelay?: number;
    readonly port?: string;
    readonly autapses?: boolean;
    readonly multapses?: boolean;
    /** How synapses change: `{ model, params, options }`. */
    readonly synapse?: object;
    /** Structural plasticity, see `StructuralPlasticity`. */
    readonly structural?: object;
    /** The population or source whose spikes modulate the rule. */
    readonly modulator?: string;
  }[];
  /** `{ kind: 'poisson' | 'normal' | 'current', name?, to, port?, … }` */
  readonly inputs?: readonly object[];
  /** Gap junctions and graded synapses: `{ from, to, rule, conductance, autapses?, multapses?, port?, symmetric?, state? }` */
  readonly gaps?: readonly object[];
  readonly record?: {
    /** Neurons whose spikes are recorded; default all. */
    readonly spikes?: readonly NeuronsSpec[];
    readonly traces?: readonly {
      readonly population: string;
      readonly state: string;
      readonly every?: number;
      readonly neurons?: readonly number[];
    }[];
    /** Recorded connections by index, and the sampling interval in ms. */
    readonly weights?: readonly { readonly connection: number; readonly every: number }[];
    /** Recorded means over neurons, by their names in the recording. */
    readonly means?: readonly {
      readonly name: string;
      readonly of: NeuronsSpec;
      readonly value: string;
      readonly every?: number;
    }[];
    /** Proxies of the local field potential, see `record.lfp`. */
    readonly fields?: readonly ({ readonly name: string; readonly of: NeuronsSpec } & Readonly<
      Omit<LfpOptions, 'name'>
    >)[];
  };
}

/**
 * Elements of a network for later reference: by their names, and connections and inputs in the order of the description.
 *
 * @internal
 */
export interface Parts {
  readonly names: Map<Population | SpikeSource, string>;
  /** Absent for elements that are only described. */
  readonly connections: readonly (Connection | undefined)[];
  readonly inputs: readonly (Connection | undefined)[];
}
