/** Reading a whole recording at once. */
import type { FileSource } from '../files/file-source.ts';
import { Allowance, limitOf } from '../files/limits.ts';
import type { EventBatch, EventReader, EventWarning, Sensor } from './batch.ts';
import { eventBytes } from './columns.ts';
import { openEvents } from './open.ts';
import type { OpenEventsOptions } from './options.ts';

/** All events of a recording. */
export interface EventRecording extends EventBatch {
  readonly format: string;
  readonly sensor: Sensor | undefined;
  readonly tick: number;
  readonly metadata: ReadonlyMap<string, string>;
  readonly warnings: readonly EventWarning[];
}

/**
 * Reads a whole recording. For one that may not fit in memory use {@link openEvents}: compressed formats can hold a hundred times their size.
 *
 * @throws LapicqueError as {@link openEvents}; `too-large` for more events than `limits` allow
 *
 * @example
 * ```ts
 * const { t, x, y, polarity, sensor } = await readEvents('00002.bin', { sensor: { width: 34, height: 34 } });
 * ```
 */
export async function readEvents(
  source: FileSource,
  options: OpenEventsOptions = {},
): Promise<EventRecording> {
  using reader = await openEvents(source, { batchSize: 2 ** 18, ...options, reuse: false });
  const allowance = new Allowance(limitOf(options.limits), 0);
  const batches: EventBatch[] = [];
  for await (const batch of reader) {
    allowance.take('the recording', eventBytes * batch.t.length + sideBytes(batch));
    batches.push(batch);
  }
  return { ...joined(batches), ...described(reader) };
}

function described(reader: EventReader) {
  const { format, sensor, tick, metadata, warnings } = reader;
  return { format, sensor, tick, metadata, warnings };
}

function sideBytes({ frames = [], payload = [], imu, triggers }: EventBatch): number {
  const sum = (lists: readonly { byteLength: number }[]) =>
    lists.reduce((a, { byteLength }) => a + byteLength, 0);
  const samples = 48 * (imu?.t.length ?? 0) + 10 * (triggers?.t.length ?? 0);
  return sum(frames.map(({ pixels }) => pixels)) + sum(payload) + samples;
}

type Column = Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array;

/** Concatenates batches. @internal */
function joined(batches: readonly EventBatch[]): EventBatch {
  const column = <A extends Column>(pick: (batch: EventBatch) => A | undefined, empty: A): A =>
    concatenated(
      batches.map(pick).filter((piece): piece is A => piece !== undefined),
      empty,
    );
  const has = (pick: (batch: EventBatch) => unknown) => batches.some((batch) => pick(batch) !== undefined);
  const bytes = (pick: (batch: EventBatch) => Uint8Array | undefined) => column(pick, new Uint8Array(0));
  const floats = (pick: (batch: EventBatch) => Float32Array | undefined) => column(pick, new Float32Array(0));
  return {
    t: column(({ t }) => t, new Float64Array(0)),
    x: column(({ x }) => x, new Uint16Array(0)),
    y: column(({ y }) => y, new Uint16Array(0)),
    polarity: bytes(({ polarity }) => polarity),
    ...(has(({ colors }) => colors) && {
      colors: {
        r: bytes(({ colors }) => colors?.r),
        g: bytes(({ colors }) => colors?.g),
        b: bytes(({ colors }) => colors?.b),
      },
    }),
    ...(has(({ exposure }) => exposure) && { exposure: bytes(({ exposure }) => exposure) }),
    ...(has(({ address }) => address) && { address: column(({ address }) => address, new Uint32Array(0)) }),
    ...(has(({ payload }) => payload) && { payload: batches.flatMap(({ payload = [] }) => payload) }),
    ...(has(({ triggers }) => triggers) && {
      triggers: {
        t: column(({ triggers }) => triggers?.t, new Float64Array(0)),
        id: bytes(({ triggers }) => triggers?.id),
        polarity: bytes(({ triggers }) => triggers?.polarity),
      },
    }),
    ...(has(({ imu }) => imu) && {
      imu: {
        t: column(({ imu }) => imu?.t, new Float64Array(0)),
        accelerometer: floats(({ imu }) => imu?.accelerometer),
        gyroscope: floats(({ imu }) => imu?.gyroscope),
        magnetometer: floats(({ imu }) => imu?.magnetometer),
        temperature: floats(({ imu }) => imu?.temperature),
      },
    }),
    ...(has(({ frames }) => frames) && { frames: batches.flatMap(({ frames = [] }) => frames) }),
  };
}

function concatenated<A extends Column>(pieces: readonly A[], empty: A): A {
  const [first] = pieces;
  if (first === undefined) return empty;
  if (pieces.length === 1) return first;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const all = new (first.constructor as new (length: number) => A)(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
