/** Output reports of SONATA simulations: spikes, and values of elements of nodes over time. */
import type { Recording } from '../circuit/recording.ts';
import type { FileSource, FileTarget } from '../files/file-source.ts';
import type {
  SonataRecordingParts,
  SonataReportOptions,
  SonataReportWriteOptions,
  SonataSpikesOptions,
  SonataSpikesWriteOptions,
} from './report-options.ts';
import type { SonataReport, SonataReportData, SonataSpikes, SonataSpikesData } from './report-types.ts';

/**
 * Reads the spikes of a SONATA simulation (`spikes.h5`), as BMTK, NEST, Neurodamus and {@link writeSonataSpikes} write them: by population, trains for
 * `analysis`. The layout without populations (`/spikes/gids`) is read, too.
 *
 * @example
 * ```ts
 * const { nodes, duration } = await loadSonata('simulation_config.json');
 * const { v1 } = await readSonataSpikes('output/spikes.h5', { nodes, stop: duration });
 * const irregularity = await analysis.cv(v1);
 * ```
 * @param options - `limits`: the memory that the content of the file may take
 * @throws LapicqueError `io`; `malformed-file`, with the dataset and the index, for arrays of different lengths, ids that are not whole numbers or not of the
 * population, and times that are not finite; `unsupported` for units of time other than s, ms and us; `too-large`; `aborted`
 */
export async function readSonataSpikes(
  source: FileSource,
  options: SonataSpikesOptions = {},
): Promise<Record<string, SonataSpikes>> {
  const { readSpikes } = await import('./read-reports.ts');
  return readSpikes(source, options);
}

/**
 * Reads a frame-oriented report of a SONATA simulation (membrane potentials, currents, calcium …), by population. Only the requested frames and nodes
 * are read.
 *
 * @example
 * ```ts
 * const { v1 } = await readSonataReport('output/membrane_potential.h5', { start: 100, stop: 200, nodeIds: { v1: [0, 1] } });
 * v1.values; // [frames, elements], at v1.times
 * ```
 * @param options - `limits`: the memory that the content of the file may take
 * @throws LapicqueError `io`; `malformed-file`, with the dataset and the index, for shapes that do not match, index pointers that decrease or point
 * beyond the data, duplicate nodes, and times that are not equidistant; `invalid-parameter` for a node that is not in the report; `unsupported` for
 * units of time other
 * than s, ms and us; `too-large`; `aborted`
 */
export async function readSonataReport(
  source: FileSource,
  options: SonataReportOptions = {},
): Promise<Record<string, SonataReport>> {
  const { readReport } = await import('./read-reports.ts');
  return readReport(source, options);
}

/**
 * Spikes and reports of a SONATA simulation as one recording, like the result of `simulate`: for figures and other functions that take a recording.
 * Neuron `i` of a population is the `i`-th node, ascending, that occurs in its spikes or reports. A trace has the nodes of its report in their order;
 * of several elements of a node, the one with the smallest number (the soma). `synapticEvents` is NaN, because files do not contain it.
 *
 * @example
 * ```ts
 * const spikes = await readSonataSpikes('output/spikes.h5');
 * const recording = await sonataRecording({ spikes, reports: { v: await readSonataReport('output/v.h5') } });
 * await writeReport('page', { title: 'V1', raster: recording, traces: recording, rates: recording });
 * recording.traces['v1.v']; // { times, values }
 * ```
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function sonataRecording(parts: SonataRecordingParts): Promise<Recording> {
  const { recordingOf } = await import('./report-recording.ts');
  return recordingOf(parts);
}

/**
 * Writes spikes as SONATA stores them, for libsonata, BMTK and h5py.
 *
 * @example
 * ```ts
 * const recording = await simulate(circuit(E, I), { duration: 1000 });
 * await writeSonataSpikes('spikes.h5', recording); // populations E and I, node_id from 0
 * await writeSonataSpikes('v1.h5', { v1: { ...recording.of('E'), nodeIds } });
 * ```
 * @param target - a path or a `file:` URL, where the file is replaced as a whole or not at all, or a `WritableStream`
 * @param spikes - by population; or a recording, whose populations with recorded spikes are all written
 * @throws LapicqueError `invalid-parameter`, `unknown-name`, `io`, `aborted`
 */
export async function writeSonataSpikes(
  target: FileTarget,
  spikes: Recording | Readonly<Record<string, SonataSpikesData>>,
  options: SonataSpikesWriteOptions = {},
): Promise<void> {
  const { writeSpikes } = await import('./write-reports.ts');
  return writeSpikes(target, spikes, options);
}

/**
 * Writes values of nodes over time as a frame-oriented report of SONATA, for libsonata, BMTK and h5py.
 *
 * @example
 * ```ts
 * const { traces } = await simulate(circuit(E, record.traces(E, ['v'], 1)), { duration: 1000 });
 * await writeSonataReport('v.h5', { E: { ...traces['E.v'], units: 'mV', variable: 'v' } });
 * ```
 * @param target - a path or a `file:` URL, where the file is replaced as a whole or not at all, or a `WritableStream`
 * @param reports - by population; a result of {@link readSonataReport} is written unchanged
 * @throws LapicqueError `invalid-parameter`, also for times that are not at equal distances; `unknown-name`, `io`, `aborted`
 */
export async function writeSonataReport(
  target: FileTarget,
  reports: Readonly<Record<string, SonataReportData>>,
  options: SonataReportWriteOptions = {},
): Promise<void> {
  const { writeReport } = await import('./write-reports.ts');
  return writeReport(target, reports, options);
}
