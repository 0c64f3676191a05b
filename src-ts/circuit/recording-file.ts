/**
 * Files of recordings, `.safetensors` or `.npz`: spikes as `times` and `ids`; a trace `E.v` as `E.v`, `E.v.times` and `E.v.neurons`; means,
 * fields and weights as `means/E.v`, `lfp/E` and `weights/0`, each with its times. A JSON text says the rest: in safetensors files
 * it is the metadata `recording`, in npz files an array of bytes of that name.
 */
import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { isKind } from '../checks/typed.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { FileTarget } from '../files/file-source.ts';
import type { FileTensor, TensorData } from '../files/tensor-data.ts';
import { type TensorFile, type TensorFormat, tensorBytes, writeTensors } from '../files/tensor-file.ts';
import { neuronsIn, type RecordedRanges } from './recorded-neurons.ts';
import type { RecordingParts } from './recording-parts.ts';
import type { MeanTrace, PopulationRange, StateTrace, Trace, WeightTrace } from './traces.ts';

/** The name of the JSON text. */
const aboutName = 'recording';

/** A newer version is refused. */
const version = 1;

/** What the arrays of a file do not say. */
interface About {
  readonly version: number;
  readonly populations: Readonly<Record<string, PopulationRange>>;
  readonly recordedRanges: RecordedRanges;
  readonly start: number;
  readonly stop: number;
  readonly duration: number;
  /** `null` stands for NaN. */
  readonly synapticEvents: number | null;
  /** The units of traces by their names. */
  readonly traces: Readonly<Record<string, { readonly unit: string }>>;
  readonly means: readonly string[];
  readonly lfp: readonly string[];
  readonly weights: readonly { readonly from: string; readonly to: string }[];
}

/** Writes a recording. */
export async function writeRecording(
  target: FileTarget,
  parts: RecordingParts,
  options: TaskOptions & { readonly format?: TensorFormat | undefined },
): Promise<void> {
  const { format = formatOf(target), ...task } = options;
  const { tensors, about } = contentOf(parts, format);
  await writeTensors(target, tensors, { ...task, format, ...about });
}

/** The bytes of the same file. */
export function recordingBytes(
  parts: RecordingParts,
  options: TaskOptions & { readonly format?: TensorFormat | undefined } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { format = 'safetensors', ...task } = options;
  const { tensors, about } = contentOf(parts, format);
  return tensorBytes(tensors, { ...task, format, ...about });
}

function formatOf(target: FileTarget): TensorFormat {
  const path = typeof target === 'string' ? target : target instanceof URL ? target.pathname : '.safetensors';
  const found = (['safetensors', 'npz'] as const).find((ending) => path.toLowerCase().endsWith(`.${ending}`));
  return found ?? invalid('target', path, 'a file that ends in .safetensors or .npz, or a format');
}

function contentOf(parts: RecordingParts, format: TensorFormat) {
  const tensors = new Map<string, Pick<FileTensor, 'data' | 'shape'>>();
  const add = (name: string, data: TensorData, shape: readonly number[] = [data.length]) => {
    if (tensors.has(name))
      invalid(
        'recording',
        `two arrays ${name}`,
        'names of populations that make each name of an array unique',
      );
    tensors.set(name, { data, shape });
  };
  const trace = (name: string, { times, values }: Trace, width?: number) => {
    const columns = times.length === 0 ? 0 : values.length / times.length;
    add(name, values, [times.length, width ?? columns]);
    add(`${name}.times`, times);
  };
  add('times', parts.times);
  add('ids', parts.ids);
  for (const [name, one] of Object.entries(parts.traces)) {
    trace(name, one, one.neurons.length);
    add(`${name}.neurons`, one.neurons);
  }
  for (const kind of ['means', 'lfp'] as const)
    for (const [name, { times, values }] of Object.entries(parts[kind])) {
      add(`${kind}/${name}`, values);
      add(`${kind}/${name}.times`, times);
    }
  for (const [i, one] of parts.weights.entries()) trace(`weights/${i}`, one);
  const { populations, recordedRanges, start, stop, duration, synapticEvents } = parts;
  const about: About = {
    ...{ version, populations, recordedRanges, start, stop, duration },
    synapticEvents: Number.isNaN(synapticEvents) ? null : synapticEvents,
    traces: Object.fromEntries(Object.entries(parts.traces).map(([name, { unit }]) => [name, { unit }])),
    means: Object.keys(parts.means),
    lfp: Object.keys(parts.lfp),
    weights: parts.weights.map(({ from, to }) => ({ from, to })),
  };
  const text = JSON.stringify(about);
  if (format === 'safetensors') return { tensors, about: { metadata: { [aboutName]: text } } };
  add(aboutName, new TextEncoder().encode(text));
  return { tensors, about: {} };
}

/** Whether a file of tensors says that it is a recording. */
export function isRecordingFile({ tensors, metadata }: TensorFile): boolean {
  return metadata.has(aboutName) || isKind(tensors.get(aboutName)?.data, Uint8Array);
}

/** The error of a file that is no recording. @param name - of the file, if it has one */
export function malformedRecording(name: string | undefined, reason: string): LapicqueError {
  return new LapicqueError('malformed-file', {
    format: 'recording',
    offset: 0,
    reason: name === undefined ? reason : `${name}: ${reason}`,
  });
}

/**
 * The recording in a file of tensors.
 *
 * @param name - of the file, for errors
 * @throws LapicqueError `malformed-file`, `unsupported` for a newer version
 */
export function recordingIn(file: TensorFile, name?: string): RecordingParts {
  const malformed = (reason: string) => malformedRecording(name, reason);
  const about = aboutOf(file, malformed);
  const array = <T extends TensorData>(
    key: string,
    kind: { new (length: number): T },
    shape: (size: readonly number[]) => boolean = (size) => size.length === 1,
  ): T => {
    const tensor = file.tensors.get(key);
    if (tensor === undefined) throw malformed(`it lacks the array ${key}`);
    if (!isKind(tensor.data, kind as never) || !shape(tensor.shape))
      throw malformed(
        `the array ${key} is ${tensor.dtype} [${tensor.shape.join(', ')}]; expected another type or shape`,
      );
    return tensor.data as T;
  };
  const doubles = (key: string, size?: readonly number[]) =>
    array(key, Float64Array, (own) => (size === undefined ? own.length === 1 : `${own}` === `${size}`));
  const [times, ids] = [doubles('times'), array('ids', Uint32Array)];
  checkSpikes(times, ids, about, malformed);
  const state = ([key, { unit }]: [string, { unit: string }]): [string, StateTrace] => {
    const own = doubles(`${key}.times`);
    const neurons = array(`${key}.neurons`, Uint32Array);
    return [key, { times: own, values: doubles(key, [own.length, neurons.length]), neurons, unit }];
  };
  const mean =
    (kind: string) =>
    (key: string): [string, MeanTrace] => {
      const own = doubles(`${kind}/${key}.times`);
      return [key, { times: own, values: doubles(`${kind}/${key}`, [own.length]) }];
    };
  const weight = ({ from, to }: { from: string; to: string }, i: number): WeightTrace => {
    const own = doubles(`weights/${i}.times`);
    const values = array(
      `weights/${i}`,
      Float64Array,
      ([rows, ...rest]) => rows === own.length && rest.length === 1,
    );
    return { from, to, times: own, values };
  };
  return {
    ...{ times, ids },
    traces: Object.fromEntries(Object.entries(about.traces).map(state)),
    means: Object.fromEntries(about.means.map(mean('means'))),
    lfp: Object.fromEntries(about.lfp.map(mean('lfp'))),
    weights: about.weights.map(weight),
    populations: about.populations,
    recordedRanges: about.recordedRanges,
    ...{ start: about.start, stop: about.stop, duration: about.duration },
    synapticEvents: about.synapticEvents ?? Number.NaN,
  };
}

/** Checks that spikes are in order and of recorded neurons. */
function checkSpikes(
  times: Float64Array,
  ids: Uint32Array,
  { populations, recordedRanges }: About,
  malformed: (reason: string) => Error,
): void {
  if (ids.length !== times.length)
    throw malformed(`ids has ${ids.length} values; expected ${times.length}, one for each of times`);
  const end = Object.values(populations).reduce((last, { first, size }) => Math.max(last, first + size), 0);
  const ranges = Object.entries(recordedRanges).flatMap(([name, own]) =>
    own.map(({ from, to }) => [populations[name]!.first + from, populations[name]!.first + to] as const),
  );
  ranges.sort(([a], [b]) => a - b);
  for (let i = 0; i < times.length; i++) {
    if (!(times[i]! >= (times[i - 1] ?? Number.NEGATIVE_INFINITY)) || !Number.isFinite(times[i]))
      throw malformed(`times[${i}] is ${times[i]}; expected finite times that do not decrease`);
    const id = ids[i]!;
    if (id >= end)
      throw malformed(`ids has the neuron ${id}; expected ids below ${end}, the neurons of its populations`);
    let [low, high] = [0, ranges.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ranges[middle]![0] <= id) low = middle + 1;
      else high = middle;
    }
    if (low === 0 || id >= ranges[low - 1]![1])
      throw malformed(`ids has the neuron ${id}, whose spikes are not recorded according to the file`);
  }
}

function aboutOf({ tensors, metadata }: TensorFile, malformed: (reason: string) => Error): About {
  const bytes = tensors.get(aboutName)?.data;
  const text = metadata.get(aboutName) ?? (isKind(bytes, Uint8Array) ? new TextDecoder().decode(bytes) : '');
  let about: About;
  try {
    about = JSON.parse(text) as About;
  } catch {
    throw malformed(`it has no metadata ${aboutName}; expected a file that recording.save wrote`);
  }
  if (!isObject(about) || !isCount(about.version))
    throw malformed(`its metadata ${aboutName} has no version`);
  if (about.version > version)
    throw new LapicqueError('unsupported', {
      feature: `a recording of version ${about.version} (this release reads ${version})`,
      format: 'recording',
    });
  const wrong = wrongPart(about);
  if (wrong !== undefined) throw malformed(`its metadata ${aboutName} has no valid ${wrong}`);
  return about;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The name of the first part that is not what {@link About} says. */
function wrongPart(about: Readonly<Record<keyof About, unknown>>): keyof About | undefined {
  const { populations, recordedRanges, start, stop, duration, synapticEvents, traces, weights } = about;
  const areNames = (value: unknown) =>
    Array.isArray(value) && value.every((name) => typeof name === 'string');
  const isRange = (range: unknown) => isObject(range) && isCount(range.first) && isCount(range.size);
  if (!isObject(populations) || !Object.values(populations).every(isRange)) return 'populations';
  if (!isObject(recordedRanges)) return 'recordedRanges';
  for (const [name, ranges] of Object.entries(recordedRanges)) {
    if (!Object.hasOwn(populations, name) || !Array.isArray(ranges)) return 'recordedRanges';
    let end = 0;
    for (const range of ranges as unknown[]) {
      if (!isObject(range) || !isCount(range.from) || !isCount(range.to)) return 'recordedRanges';
      if (range.from < end || range.to <= range.from) return 'recordedRanges';
      end = range.to;
    }
    if (end > (populations[name] as PopulationRange).size || neuronsIn(ranges as never) === 0)
      return 'recordedRanges';
  }
  if (!Number.isFinite(start)) return 'start';
  if (!Number.isFinite(stop) || (stop as number) < (start as number)) return 'stop';
  if (!Number.isFinite(duration) || (duration as number) < 0) return 'duration';
  if (synapticEvents !== null && !Number.isFinite(synapticEvents)) return 'synapticEvents';
  const hasUnit = (trace: unknown) => isObject(trace) && typeof trace.unit === 'string';
  if (!isObject(traces) || !Object.values(traces).every(hasUnit)) return 'traces';
  if (!areNames(about.means)) return 'means';
  if (!areNames(about.lfp)) return 'lfp';
  const hasEnds = (one: unknown) => isObject(one) && areNames([one.from, one.to]);
  if (!Array.isArray(weights) || !weights.every(hasEnds)) return 'weights';
  return undefined;
}
