/**
 * Networks of point neurons in SONATA, the format of the Allen Institute and the Blue Brain Project (K. Dai et al., PLoS Comput. Biol.
 * 16, 2020), as BMTK writes them and NEST simulates them.
 */
import type { Circuit } from '../circuit/network.ts';
import type { TaskOptions } from '../engine/native.ts';
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
  /** One value a node; `undefined` for nodes of which it is not said. */
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

/**
 * Reads a network of point neurons from a SONATA configuration: of a circuit, of a simulation with its inputs, or one that names
 * both. Neurons are NEST's (`nest:iaf_psc_alpha`), with its defaults and units, so are synapses (`static_synapse`, `stdp_synapse`, `tsodyks_synapse` …); nodes with `x`, `y` and
 * `z` have a layout; virtual nodes are sources of spikes, which fire at what `inputs` of the type `spikes` say (HDF5 or CSV). Inputs of
 * the type `current_clamp` are currents in pA. Reports are not read: use `record.traces`.
 *
 * @example
 * ```ts
 * const { network: v1, dt, duration, nodes } = await loadSonata('simulation_config.json');
 * const { times, ids } = await simulate(v1, { duration: duration!, dt, precision: 'f64' });
 * const layer = nodes.v1!.attribute('layer');
 * ```
 * @param options - `limits`: what the content of each of the files may take
 * @throws LapicqueError `io`; `malformed-file`; `too-large`; `unsupported` for biophysical neurons, models and synapses that there are not, weight
 * functions of BMTK, or HDF5 that cannot be read; `unknown-name` for parameters; `aborted`
 */
export async function loadSonata(path: string | URL, options: SonataOptions = {}): Promise<SonataNetwork> {
  const { readSonata } = await import('./read.ts');
  return readSonata(path, options);
}
