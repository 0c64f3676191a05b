/**
 * Networks in SONATA, the format of the Allen Institute and the Blue Brain Project (K. Dai et al., PLoS Comput. Biol.
 * 16, 2020), as BMTK writes them and NEST simulates them.
 */
import type { SonataCircuit, SonataOptions } from './sonata-circuit.ts';

/**
 * Reads a network from a SONATA configuration: of a circuit, of a simulation with its inputs, or one that names
 * both. Neurons are NEST's (`nest:iaf_psc_alpha`), with its defaults and units, so are synapses (`static_synapse`, `stdp_synapse`, `tsodyks_synapse` …); nodes with `x`, `y` and
 * `z` have a layout; virtual nodes are spike sources, which fire at the times in `inputs` of the type `spikes` (HDF5 or CSV). Inputs of
 * the type `current_clamp` are currents in pA.
 *
 * Parameters of synapses come from the datasets `dynamics_params` of single edges (NaN: the edge does not set this value), otherwise from the JSON
 * file that their type names in `dynamics_params`. Each edge has its own weight and delay. Other parameters belong to a connection: edges become one
 * connection per combination of values, at most 256 per population of edges.
 *
 * Biophysical nodes are cells with dendrites ({@link cellPopulation} of `lapicque/morphology`). Their shape is the SWC file `morphology`, with `model_processing` `aibs_perisomatic` (BMTK's
 * stub in place of the axon) or `fullaxon`; their membrane is that of the Allen Cell Types Database or of `options.cells`. Synapses are BMTK's `exp2syn`, with conductances in µS, at
 * `afferent_section_id` and `afferent_section_pos`, or at random on `target_sections` within `distance_range`. Sections have NEURON's numbers. Currents are in nA into the soma. Spikes are detected there, at
 * `run.spike_threshold` (default -15 mV).
 *
 * The network records the `reports` of the module `membrane_report` (`variable_name`, `cells`, `start_time`, `end_time`, `dt`). `writeReports` writes
 * them and the spikes to the folder of `output`. `warnings` names the reports that cannot be recorded.
 *
 * @example
 * ```ts
 * const { network: v1, dt, duration, nodes, writeReports } = await loadSonata('simulation_config.json');
 * const recording = await simulate(v1, { duration: duration!, dt, precision: 'f64' });
 * const layer = nodes.v1!.attribute('layer');
 * await writeReports(recording); // output/spikes.h5 and the reports
 * ```
 * @param options - `limits`: the memory that the content of each file may take
 * @throws LapicqueError `io`; `malformed-file`, with the edge where a parameter is wrong; `too-large`; `unsupported` for unknown
 * models, mechanisms and synapses, parameters that the synapse of an edge does not have, weight functions of BMTK, or HDF5 that cannot be read; `unknown-name`
 * for parameters of neurons; `aborted`
 */
export async function loadSonata(path: string | URL, options: SonataOptions = {}): Promise<SonataCircuit> {
  const { readSonata } = await import('./read.ts');
  return readSonata(path, options);
}
