/** Runs transforms and representations over batches of events, streaming or all at once. */
import { options as checkOptions, integer, invalid, refuseMisspelled } from '../checks/check.ts';
import { LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import { addon, unwrap } from '../engine/native.ts';
import { randomStream } from '../numbers/random-streams.ts';
import { batchKeys, type EventBatch, type EventReader, type Sensor } from './batch.ts';
import {
  checkRepresentation,
  checkTransforms,
  type EventRepresentation,
  type EventTransform,
  type PixelArray,
} from './transforms.ts';

/** A recording, its batches, or one batch. Readers and the results of {@link transformEvents} know their sensor. */
export type EventSource =
  | EventReader
  | EventStream
  | AsyncIterable<EventBatch>
  | Iterable<EventBatch>
  | EventBatch
  | (EventBatch & { readonly sensor: Sensor | undefined });

/** Options of {@link transformEvents} and {@link representEvents}. */
export interface EventPipelineOptions {
  /** Pixels of the source; required if the source does not know them. */
  sensor?: PixelArray;
  /** Seed of random transforms: an integer from 0. Default: the seed of the {@link DataLoader}, otherwise the seed of {@link setSeed}. */
  seed?: number;
  /** Distinguishes random numbers of one seed; default as for encoders (see {@link RandomOptions}). */
  stream?: number;
  /** Aborts the stream between two batches. */
  signal?: AbortSignal;
}

/** A stream of events: batches, with the sensor that they belong to. It can be iterated once. */
export interface EventStream extends AsyncIterable<EventBatch> {
  readonly sensor: Required<PixelArray>;
  /** All events in one batch. */
  collect(): Promise<EventBatch & { readonly sensor: Required<PixelArray> }>;
}

/** Frames that were completed together. */
export interface EventFrames {
  /** The frames, concatenated. */
  readonly x: Float32Array;
  /** `[frames, …]` */
  readonly shape: readonly number[];
  /** Start and end (exclusive) of each frame, in µs. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Number of events of each frame. */
  readonly counts: Float64Array;
}

/** Sparse frames that were completed together. */
export interface SparseEventFrames {
  /** By frame: the channels with events, ascending: `(polarity * height + row) * width + column`. */
  readonly channels: readonly Uint32Array[];
  /** By frame: the number of events of each of these channels. */
  readonly values: readonly Float32Array[];
  /** `[frames, polarity, height, width]` of the equivalent dense frames. */
  readonly shape: readonly number[];
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** The events of a window. */
export interface EventSlice extends EventBatch {
  readonly start: number;
  readonly end: number;
}

/** The results of {@link representEvents}, piece by piece. It can be iterated once. */
export interface FrameStream<T> extends AsyncIterable<T> {
  /** The sensor of the events after all transforms. */
  readonly sensor: Required<PixelArray>;
  /** The shape of one frame; empty for slices. */
  readonly shape: readonly number[];
  /** All results at once. */
  collect(): Promise<T>;
}

/** The results of a representation: frames, sparse frames, or lists of slices. */
export type Represented<F> = F extends 'frames'
  ? EventFrames
  : F extends 'sparse'
    ? SparseEventFrames
    : readonly EventSlice[];

interface NativeFrames extends EventBatch {
  starts: Float64Array;
  ends: Float64Array;
  counts: Float64Array;
  offsets: Float64Array;
  values: Float32Array;
  channels: Uint32Array;
}

type Native = InstanceType<typeof addon.NativeEventPipeline>;

/** Number of events per native call: they and their copies stay in the second-level cache. */
const piece = 1 << 16;

/**
 * Transforms a stream of events: each batch goes through all transforms before the next is read, so memory does not grow with
 * the recording (except for transforms that are documented to need all of it). Data of batches other than the four columns
 * (colors, triggers, IMU, frames of a camera) are dropped.
 *
 * @example
 * ```ts
 * const quiet = transformEvents(await openEvents('recording.raw'), [
 *   eventTransform.hotPixels({ frequency: 1000, learn: 1e6 }),
 *   eventTransform.denoise({ time: 5000 }),
 * ]);
 * for await (const { t, x, y, polarity } of quiet) console.log(t.length);
 * ```
 * @throws LapicqueError `invalid-parameter` for options out of range (immediately), and for events outside of the sensor
 * (during iteration); `too-large`; `aborted`
 */
export function transformEvents(
  source: EventSource,
  transforms: readonly EventTransform[],
  options: EventPipelineOptions = {},
): EventStream {
  const { native, sensor } = build(source, transforms, undefined, options);
  const stream = once('the event stream', () =>
    run(native, source, options.signal, (batch) => {
      const { t, x, y, polarity } = batch as EventBatch;
      return t.length === 0 ? undefined : { t, x, y, polarity };
    }),
  );
  const transformed = Object.freeze({
    sensor,
    [Symbol.asyncIterator]: stream,
    collect: async () => ({ ...joined(await all(stream())), sensor }),
  });
  if (isRecorded(source)) ofRecordings.add(transformed);
  return transformed;
}

/** Transformed streams whose source is recorded. */
const ofRecordings = new WeakSet<EventStream>();

/**
 * Whether all events of a source exist already: a batch, a list of batches, a reader, or a stream made of one. Others may be
 * live: their events happen while they are read. @internal
 */
export function isRecorded(source: EventSource): boolean {
  if (isBatch(source)) return true;
  if (typeof source !== 'object' || source === null) return false;
  return (
    Symbol.iterator in source ||
    typeof (source as Partial<EventReader>).seek === 'function' ||
    ofRecordings.has(source as EventStream)
  );
}

/**
 * Converts events to frames, voxel grids, time surfaces, sparse frames or slices, as these are completed.
 *
 * @param options - `transforms` are applied first, in their order
 * @example
 * ```ts
 * const frames = representEvents(await openEvents('digit.bin'), represent.frames({ timeBins: 20 }));
 * const { x, shape } = await frames.collect(); // [20, 2, 34, 34]
 * ```
 * @throws LapicqueError as {@link transformEvents}; `invalid-parameter` for events that are not sorted by time (add
 * `eventTransform.reorder` before)
 */
export function representEvents<F extends 'frames' | 'sparse' | 'slices'>(
  source: EventSource,
  representation: EventRepresentation<F>,
  options: EventPipelineOptions & { transforms?: readonly EventTransform[] } = {},
): FrameStream<Represented<F>> {
  const { transforms = [], ...others } = checkOptions('representEvents', options, [
    'transforms',
    'sensor',
    'seed',
    'stream',
    'signal',
  ]);
  const { gives } = checkRepresentation(representation);
  const { native, sensor, shape } = build(source, transforms, representation, others);
  const toResult = (frames: NativeFrames) => represented(gives, frames, shape);
  const stream = once('the frames', () =>
    run(native, source, others.signal, (frames) =>
      (frames as NativeFrames).starts.length === 0 ? undefined : toResult(frames as NativeFrames),
    ),
  );
  return Object.freeze({
    sensor,
    shape,
    [Symbol.asyncIterator]: stream,
    collect: async () => together(gives, await all(stream()), shape),
  }) as FrameStream<Represented<F>>;
}

function build(
  source: EventSource,
  transforms: readonly EventTransform[],
  representation: EventRepresentation | undefined,
  rawOptions: EventPipelineOptions,
): { native: Native; sensor: Required<PixelArray>; shape: readonly number[] } {
  const options = checkOptions('events', rawOptions, ['sensor', 'seed', 'stream', 'signal']);
  const { gives: _, ...output } = representation ?? { gives: undefined };
  const steps = checkTransforms(transforms);
  const draws =
    steps.length > 0 ? randomStream({ seed: options.seed, stream: options.stream }, 1) : undefined;
  const native = unwrap(
    addon.NativeEventPipeline.create(
      JSON.stringify({
        sensor: sensorOf(source, options.sensor),
        transforms: steps,
        ...(representation === undefined ? {} : { output }),
        ...(draws === undefined
          ? {}
          : { seed: draws.seed, stream: [...draws.stream, ...(draws.samples ?? [])] }),
      }),
    ),
  ) as Native;
  const { shape, width, height, polarities } = unwrap(native.describe());
  const sensor = Object.freeze({ width, height, polarities: polarities as 1 | 2 });
  return { native, sensor, shape: Object.freeze(shape) };
}

/** The given sensor, or that of the source. */
function sensorOf(source: EventSource, given: PixelArray | undefined): PixelArray {
  const sensor = given ?? (source as { sensor?: PixelArray } | null)?.sensor;
  if (typeof sensor !== 'object' || sensor === null)
    invalid('sensor', sensor, '{ width, height }, because the source does not know its sensor');
  const { width, height, polarities = 2 } = sensor;
  integer('sensor.width', width, { min: 1 });
  integer('sensor.height', height, { min: 1 });
  integer('sensor.polarities', polarities, { min: 1, max: 2 });
  return { width, height, polarities };
}

/** Applies `use` to the results of the pipeline, batch by batch. */
async function* run<T>(
  native: Native,
  source: EventSource,
  signal: AbortSignal | undefined,
  use: (out: unknown) => T | undefined,
): AsyncGenerator<T, void, undefined> {
  let since = performance.now();
  try {
    for await (const batch of batchesOf(source)) {
      for (let start = 0; start < batch.t.length; start += piece) {
        throwIfAborted(signal);
        const end = start + piece;
        const [t, x, y, polarity] = [batch.t, batch.x, batch.y, batch.polarity].map((column) =>
          column.subarray(start, end),
        ) as [Float64Array, Uint16Array, Uint16Array, Uint8Array];
        const out = use(unwrap(native.push(t, x, y, polarity)));
        if (out !== undefined) yield out;
        // Sources in memory never wait, so the event loop is released from time to time.
        if (performance.now() - since > 4) {
          await new Promise((resolve) => setImmediate(resolve));
          since = performance.now();
        }
      }
    }
    throwIfAborted(signal);
    const out = use(unwrap(native.finish()));
    if (out !== undefined) yield out;
  } finally {
    native.dispose();
  }
}

/** @internal */
async function* batchesOf(source: EventSource): AsyncGenerator<EventBatch, void, undefined> {
  if (isBatch(source)) yield checkBatch('events', source);
  else if (
    typeof source === 'object' &&
    source !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source)
  ) {
    let number = 0;
    for await (const batch of source as AsyncIterable<EventBatch>)
      yield checkBatch(`events[${number++}]`, batch);
  } else invalid('events', source, 'an EventReader, batches { t, x, y, polarity }, or one of them');
}

function isBatch(source: unknown): source is EventBatch {
  return typeof source === 'object' && source !== null && 't' in source;
}

function checkBatch(name: string, batch: EventBatch): EventBatch {
  if (typeof batch === 'object' && batch !== null) refuseMisspelled(`key of ${name}`, batch, batchKeys);
  const columns = { t: Float64Array, x: Uint16Array, y: Uint16Array, polarity: Uint8Array } as const;
  for (const [column, kind] of Object.entries(columns)) {
    const values = (batch as unknown as Record<string, unknown> | null)?.[column];
    if (Object.prototype.toString.call(values) !== `[object ${kind.name}]`)
      invalid(`${name}.${column}`, values, `a ${kind.name}`);
    if ((values as Float64Array).length !== batch.t.length) {
      throw new LapicqueError('shape-mismatch', {
        layer: `${name}.${column}`,
        expected: `[${batch.t.length}]`,
        got: `[${(values as Float64Array).length}]`,
      });
    }
  }
  return batch;
}

/** A stream that can be read once, because its transforms have state. */
function once<T>(what: string, start: () => AsyncGenerator<T, void, undefined>) {
  let taken = false;
  return () => {
    if (taken) invalid(what, 'a second read', 'a single read; make a new stream from the source');
    taken = true;
    return start();
  };
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const pieces: T[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

function represented(kind: string, frames: NativeFrames, shape: readonly number[]): unknown {
  const { starts, ends, counts, offsets, values, channels } = frames;
  const part = <A extends { subarray(from: number, to: number): A }>(of: A, i: number) =>
    of.subarray(i === 0 ? 0 : offsets[i - 1]!, offsets[i]!);
  if (kind === 'frames') return { x: values, shape: [starts.length, ...shape], starts, ends, counts };
  const numbers = Array.from(starts, (_, i) => i);
  if (kind === 'sparse') {
    return {
      channels: numbers.map((i) => part(channels, i)),
      values: numbers.map((i) => part(values, i)),
      shape: [starts.length, ...shape],
      starts,
      ends,
    };
  }
  return numbers.map((i) => ({
    t: part(frames.t, i),
    x: part(frames.x, i),
    y: part(frames.y, i),
    polarity: part(frames.polarity, i),
    start: starts[i]!,
    end: ends[i]!,
  }));
}

function together(kind: string, pieces: readonly unknown[], shape: readonly number[]): unknown {
  if (kind === 'slices') return (pieces as EventSlice[][]).flat();
  const frames = pieces as (EventFrames & SparseEventFrames)[];
  const count = frames.reduce((sum, { starts }) => sum + starts.length, 0);
  const column = (of: (frames: EventFrames & SparseEventFrames) => Float64Array) =>
    concatenated(Float64Array, frames.map(of));
  const spans = { starts: column(({ starts }) => starts), ends: column(({ ends }) => ends) };
  const whole = [count, ...shape];
  if (kind === 'sparse') {
    const lists = <T>(of: (frames: SparseEventFrames) => readonly T[]) =>
      frames.flatMap((piece) => [...of(piece)]);
    return {
      channels: lists(({ channels }) => channels),
      values: lists(({ values }) => values),
      shape: whole,
      ...spans,
    };
  }
  const x = concatenated(
    Float32Array,
    frames.map(({ x }) => x),
    elementCount(whole),
  );
  return { x, shape: whole, ...spans, counts: column(({ counts }) => counts) };
}

interface Column<A> {
  new (length: number): A & { set(values: A, at: number): void; length: number };
}

function concatenated<A extends { readonly length: number }>(
  kind: Column<A>,
  parts: readonly A[],
  length = parts.reduce((sum, part) => sum + part.length, 0),
): A {
  if (parts.length === 1) return parts[0]!;
  const out = new kind(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Concatenates batches. @internal */
export function joined(batches: readonly EventBatch[]): EventBatch {
  return {
    t: concatenated(
      Float64Array as Column<Float64Array>,
      batches.map(({ t }) => t),
    ),
    x: concatenated(
      Uint16Array as Column<Uint16Array>,
      batches.map(({ x }) => x),
    ),
    y: concatenated(
      Uint16Array as Column<Uint16Array>,
      batches.map(({ y }) => y),
    ),
    polarity: concatenated(
      Uint8Array as Column<Uint8Array>,
      batches.map(({ polarity }) => polarity),
    ),
  };
}
