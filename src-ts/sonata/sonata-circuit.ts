/** What a SONATA network is loaded with, and what it comes to. */
import type { Circuit } from '../circuit/circuit.ts';
import type { Recording } from '../circuit/recording.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { LimitOptions } from '../files/limits.ts';
import type { Mechanism, MechanismName } from '../morphology/mechanism.ts';
import type { SonataModel } from './nodes.ts';
import type { SonataCellModel } from './sonata-cell.ts';
import type { SonataSynapse } from './synapses.ts';

/** Options of {@link loadSonata}. */
export interface SonataOptions extends Pick<TaskOptions, 'signal'>, LimitOptions {
  /** Step in ms to which delays, refractory periods and spike times are rounded; default that of the simulation, or 0.1. */
  dt?: number;
  /**
   * Custom neurons by their `model_template`, instead of NEST's or in addition: a function of their number, their parameters
   * (`dynamics_params`, one value for all or a `Float64Array`) and the `name` and `layout` that the population is to have.
   */
  models?: Readonly<Record<string, SonataModel>>;
  /**
   * Custom plastic synapses by the `model_template` of edges, instead of NEST's or in addition: a function of the parameters (`dynamics_params`) that
   * edges have in common. The library's own models need no entry: `lapicque:clopath` with the names of its options.
   */
  synapses?: Readonly<Record<string, SonataSynapse>>;
  /**
   * Cells of biophysical nodes by their `model_template`: a function of the morphology and of the content of `dynamics_params`. Nodes without an entry
   * have the parameters of the Allen Cell Types Database (`passive`, `genome`, `conditions`), painted as BMTK's `aibs_perisomatic` does.
   */
  cells?: Readonly<Record<string, SonataCellModel>>;
  /**
   * Mechanisms that the `genome` of these parameters names, besides `pas` and `hh`: equations whose parameters have NEURON's names (`gbar` for `gbar_Ih`),
   * or names of the catalog.
   */
  mechanisms?: Readonly<Record<string, Mechanism | MechanismName>>;
  /**
   * Whether the network records the `reports` of the configuration; default true. Spikes of all neurons are always recorded.
   */
  reports?: boolean;
}

/** A report of a configuration that the network records. */
export interface SonataReportPlan {
  readonly name: string;
  /** Its file within the output folder. */
  readonly file: string;
  /** The recorded variable, as named in the configuration: `'v'`, `'V_m'`. */
  readonly variable: string;
  readonly units: string;
  /** Frames are at `start + dt`, `start + 2 dt` … up to `end`, in ms, as NEST records them; `end` may be infinite. */
  readonly start: number;
  readonly end: number;
  readonly dt: number;
  /** `node_id` of its neurons, by population of nodes. */
  readonly nodeIds: Readonly<Record<string, Float64Array>>;
}

/** Options of {@link SonataCircuit.writeReports}. */
export interface SonataOutputOptions extends Pick<TaskOptions, 'signal'> {
  /**
   * Folder of the files, created if it does not exist. Default: `output_dir` of the configuration, if it is the configuration's folder or below it; a
   * configuration cannot choose other folders.
   */
  folder?: string | URL;
}

/** A population of nodes: neurons and virtual ones. */
export interface SonataNodes {
  readonly size: number;
  /** `node_id` of each. */
  readonly ids: Float64Array;
  /** Names of the attributes that the nodes or their types have. */
  readonly attributes: readonly string[];
  /** One value per node; `undefined` for nodes without it. */
  attribute(name: string): readonly (string | number | undefined)[] | undefined;
  /**
   * The populations and sources of the network made from these nodes, one for each model: neuron `i` is the node with index `nodes[i]` in `ids`.
   */
  readonly populations: readonly { readonly name: string; readonly nodes: Uint32Array }[];
}

/** The result of {@link loadSonata}. */
export interface SonataCircuit {
  /** Populations have the names of SONATA's; where a population has neurons of several models, `name:model`. */
  readonly circuit: Circuit;
  /** In ms. */
  readonly dt: number;
  /** `tstop` of the simulation in ms, if the file configures one. */
  readonly duration?: number;
  readonly nodes: Readonly<Record<string, SonataNodes>>;
  /** The reports of the configuration that the network records. */
  readonly reports: readonly SonataReportPlan[];
  /** Where `writeReports` writes without `folder`; absent if `output_dir` leads out of the folder of the configuration. */
  readonly outputFolder?: string;
  /** Parts of the files without effect: reports that cannot be recorded, attributes that are not parameters. */
  readonly warnings: readonly string[];
  /**
   * Writes the output files of the configuration from a recording of this network: `spikes_file` with the spikes of all neurons (not of virtual nodes),
   * and the file of each report. Files are replaced, unless `overwrite_output_dir` is false.
   *
   * @example
   * ```ts
   * const v1 = await loadSonata('simulation_config.json');
   * const recording = await simulate(v1.circuit, { duration: v1.duration!, dt: v1.dt });
   * const paths = await v1.writeReports(recording);
   * ```
   * @returns the paths of the files
   * @throws LapicqueError `unknown-name` for a recording of another network; `invalid-parameter` for an `output_dir` outside of the configuration's folder without the
   * option `folder`, for a file name or a link that leads out of the folder, and for a file that must not be replaced: one that the network was read from, or any existing one with `overwrite_output_dir: false`; `io`; `aborted`
   */
  writeReports(recording: Recording, options?: SonataOutputOptions): Promise<readonly string[]>;
}
