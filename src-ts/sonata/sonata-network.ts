/** What a SONATA network is loaded with, and what it comes to. */
import type { Circuit } from '../circuit/network.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { LimitOptions } from '../files/limits.ts';
import type { SonataModel } from './nodes.ts';

/** Options of {@link loadSonata}. */
export interface SonataOptions extends Pick<TaskOptions, 'signal'>, LimitOptions {
  /** Step in ms to which delays, refractory periods and spike times are rounded; default that of the simulation, or 0.1. */
  dt?: number;
  /**
   * Neurons by their `model_template`, in place of NEST's or beside them: a function of their number, their parameters
   * (`dynamics_params`, one value for all or a `Float64Array`) and the `name` and `layout` that the population is to have.
   */
  models?: Readonly<Record<string, SonataModel>>;
}

/** A population of nodes: neurons and virtual ones. */
export interface SonataNodes {
  readonly size: number;
  /** `node_id` of each. */
  readonly ids: Float64Array;
  /** Names of what is said of them, by the nodes or their types. */
  readonly attributes: readonly string[];
  /** One value per node; `undefined` for nodes without it. */
  attribute(name: string): readonly (string | number | undefined)[] | undefined;
  /**
   * Populations and sources of the network that they became, one for each model: neuron `i` is the node at place `nodes[i]` of
   * `ids`.
   */
  readonly populations: readonly { readonly name: string; readonly nodes: Uint32Array }[];
}

/** What {@link loadSonata} gives. */
export interface SonataNetwork {
  /** Populations have the names of SONATA's; where a population has neurons of several models, `name:model`. */
  readonly network: Circuit;
  /** In ms. */
  readonly dt: number;
  /** `tstop` of the simulation in ms, if the file is of one. */
  readonly duration?: number;
  readonly nodes: Readonly<Record<string, SonataNodes>>;
}
