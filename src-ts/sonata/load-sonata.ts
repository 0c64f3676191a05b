/**
 * Networks of point neurons in SONATA, the format of the Allen Institute and the Blue Brain Project (K. Dai et al., PLoS Comput. Biol.
 * 16, 2020), as BMTK writes them and NEST simulates them.
 */
import type { SonataNetwork, SonataOptions } from './sonata-network.ts';

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
