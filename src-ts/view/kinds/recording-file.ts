/** Recordings in files: those of `lapicque simulate --record`, spikes and reports of SONATA. */
import { extname } from 'node:path';
import { LapicqueError } from '../../checks/errors.ts';
import { isKind } from '../../checks/typed.ts';
import { Recording } from '../../circuit/recording.ts';
import type { PopulationRange, Trace } from '../../circuit/traces.ts';
import { readTensors, type TensorFile } from '../../files/tensor-file.ts';
import { hasReport } from '../../sonata/read-report.ts';
import { hasSpikes } from '../../sonata/read-spikes.ts';
import { withReportFile } from '../../sonata/report-hdf5.ts';
import { readSonataReport, readSonataSpikes, sonataRecording } from '../../sonata/reports.ts';
import { headOf } from './file-head.ts';

/** What `lapicque simulate --record` writes into the metadata of a `.safetensors` file under `recording`. */
interface RecordedAbout {
  readonly populations: Readonly<Record<string, PopulationRange>>;
  readonly recorded: Readonly<Record<string, number>>;
  readonly start: number;
  readonly stop: number;
}

/** Which outputs of SONATA an HDF5 file has. */
export async function sonataContent(path: string): Promise<readonly ('spikes' | 'report')[]> {
  if (!['.h5', '.hdf5'].includes(extname(path).toLowerCase())) return [];
  try {
    return await withReportFile(path, {}, async (file) => [
      ...((await hasSpikes(file)) ? (['spikes'] as const) : []),
      ...((await hasReport(file)) ? (['report'] as const) : []),
    ]);
  } catch {
    return [];
  }
}

/** Whether a file has a recording, by its beginning. */
export async function hasRecording(path: string): Promise<boolean> {
  const head = await headOf(path);
  if (head !== undefined) return head.names.has('times') && head.names.has('ids');
  return (await sonataContent(path)).length > 0;
}

/** Reads a recording. @throws LapicqueError `io`, `malformed-file`, `too-large`, `unsupported` */
export async function readRecording(path: string): Promise<Recording> {
  const sonata = await sonataContent(path);
  if (sonata.length === 0) return recordingIn(path, await readTensors(path));
  const spikes = sonata.includes('spikes') ? await readSonataSpikes(path) : {};
  const reports = sonata.includes('report') ? await readSonataReport(path) : {};
  const variables: Record<string, typeof reports> = {};
  for (const [population, report] of Object.entries(reports)) {
    const variable = report.variable ?? 'value';
    variables[variable] = { ...variables[variable], [population]: report };
  }
  return sonataRecording({ spikes, reports: variables });
}

function recordingIn(path: string, { tensors, metadata }: TensorFile): Recording {
  const malformed = (reason: string) =>
    new LapicqueError('malformed-file', { format: 'recording', offset: 0, reason: `${path}: ${reason}` });
  const [times, ids] = [tensors.get('times')?.data, tensors.get('ids')?.data];
  if (!isKind(times, Float64Array) && !isKind(times, Float32Array))
    throw malformed('times has no floating-point numbers; expected times in ms');
  if (ids === undefined || ids.length !== times.length)
    throw malformed(`ids has ${ids?.length ?? 0} values; expected ${times.length}, one for each of times`);
  const neurons = isKind(ids, Uint32Array)
    ? ids
    : Uint32Array.from(ids as ArrayLike<number | bigint>, Number);
  let max = -1;
  for (let i = 0; i < times.length; i++) {
    if (!(times[i]! >= (times[i - 1] ?? Number.NEGATIVE_INFINITY)) || !Number.isFinite(times[i]))
      throw malformed(`times[${i}] is ${times[i]}; expected finite times that do not decrease`);
    if (neurons[i]! > max) max = neurons[i]!;
  }
  const stated = aboutOf(metadata.get('recording'), malformed);
  const end = Object.values(stated?.populations ?? {}).reduce(
    (last, { first, size }) => Math.max(last, first + size),
    0,
  );
  if (stated !== undefined && max >= end)
    throw malformed(`ids has the neuron ${max}; expected ids below ${end}, the neurons of its populations`);
  const about = stated ?? {
    populations: { neurons: { first: 0, size: max + 1 } },
    recorded: { neurons: max + 1 },
    start: Math.min(0, times[0] ?? 0),
    stop: times.at(-1) ?? 0,
  };
  const traces = [...tensors].flatMap(([name, { shape, data }]): [string, Trace][] => {
    const own = tensors.get(`${name}.times`)?.data;
    if (own === undefined || shape.length !== 2 || shape[0] !== own.length) return [];
    return [[name, { times: asDoubles(own), values: asDoubles(data) }]];
  });
  return new Recording({
    times: asDoubles(times),
    ids: neurons,
    traces,
    ...about,
    duration: about.stop - about.start,
    synapticEvents: Number.NaN,
  });
}

function asDoubles(data: ArrayLike<number | bigint>): Float64Array {
  return isKind(data, Float64Array) ? data : Float64Array.from(data, Number);
}

/** The populations of a file, if it names them. */
function aboutOf(text: string | undefined, malformed: (reason: string) => Error): RecordedAbout | undefined {
  if (text === undefined) return undefined;
  const wrong = () => malformed('its metadata recording is not { populations, recorded, start, stop }');
  let about: RecordedAbout;
  try {
    about = JSON.parse(text) as RecordedAbout;
  } catch {
    throw wrong();
  }
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const { populations, recorded, start, stop } = about ?? {};
  if (typeof populations !== 'object' || populations === null) throw wrong();
  if (typeof recorded !== 'object' || recorded === null) throw wrong();
  for (const range of Object.values(populations))
    if (!isCount(range?.first) || !isCount(range?.size)) throw wrong();
  if (!Number.isFinite(start) || !Number.isFinite(stop) || stop < start) throw wrong();
  return { populations, recorded, start, stop };
}
