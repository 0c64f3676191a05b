/** Recordings in files: those of `lapicque simulate --record`, spikes and reports of SONATA. */
import { extname } from 'node:path';
import { isKind } from '../../checks/typed.ts';
import { Recording } from '../../circuit/recording.ts';
import { isRecordingFile, malformedRecording, recordingIn } from '../../circuit/recording-file.ts';
import type { StateTrace } from '../../circuit/traces.ts';
import { readTensors, type TensorFile } from '../../files/tensor-file.ts';
import { hasReport } from '../../sonata/read-report.ts';
import { hasSpikes } from '../../sonata/read-spikes.ts';
import { withReportFile } from '../../sonata/report-hdf5.ts';
import { readSonataReport, readSonataSpikes, sonataRecording } from '../../sonata/reports.ts';
import { headOf } from './file-head.ts';

/** Which outputs of SONATA an HDF5 file has. */
async function sonataContent(path: string): Promise<readonly ('spikes' | 'report')[]> {
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
  if (sonata.length === 0) {
    const file = await readTensors(path);
    return isRecordingFile(file) ? new Recording(recordingIn(file, path)) : spikesIn(path, file);
  }
  const spikes = sonata.includes('spikes') ? await readSonataSpikes(path) : {};
  const reports = sonata.includes('report') ? await readSonataReport(path) : {};
  const variables: Record<string, typeof reports> = {};
  for (const [population, report] of Object.entries(reports)) {
    const variable = report.variable ?? 'value';
    variables[variable] = { ...variables[variable], [population]: report };
  }
  return sonataRecording({ spikes, reports: variables });
}

/** Arrays `times` and `ids` of any program, as one population of recorded neurons. */
function spikesIn(path: string, { tensors }: TensorFile): Recording {
  const malformed = (reason: string) => malformedRecording(path, reason);
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
  const traces = [...tensors].flatMap(([name, { shape, data }]): [string, StateTrace][] => {
    const own = tensors.get(`${name}.times`)?.data;
    if (own === undefined || shape.length !== 2 || shape[0] !== own.length) return [];
    const columns = Uint32Array.from({ length: shape[1]! }, (_, i) => i);
    return [[name, { times: asDoubles(own), values: asDoubles(data), neurons: columns, unit: '' }]];
  });
  const [start, stop] = [Math.min(0, times[0] ?? 0), times.at(-1) ?? 0];
  return new Recording({
    times: asDoubles(times),
    ids: neurons,
    traces: Object.fromEntries(traces),
    ...{ means: {}, lfp: {}, weights: [] },
    populations: { neurons: { first: 0, size: max + 1 } },
    recordedRanges: max < 0 ? {} : { neurons: [{ from: 0, to: max + 1 }] },
    ...{ start, stop, duration: stop - start },
    synapticEvents: Number.NaN,
  });
}

function asDoubles(data: ArrayLike<number | bigint>): Float64Array {
  return isKind(data, Float64Array) ? data : Float64Array.from(data, Number);
}
