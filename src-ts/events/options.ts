/** Options for reading and writing recordings. */
import { extname } from 'node:path';
import { options as checkOptions, finite, flag, integer, invalid, oneOf, text } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { LimitOptions } from '../files/limits.ts';
import type { Sensor } from './batch.ts';
import { type EventFormat, eventFormatNames, eventFormats } from './formats.generated.ts';

/** Options of {@link openEvents} and {@link readEvents}. Options for formats whose files are not self-describing come last. */
export interface OpenEventsOptions extends LimitOptions, TaskOptions {
  /** Default: detected from the first bytes, or else from the file's extension. */
  format?: EventFormat | undefined;
  /** Maximum number of events of a batch; default 65536. */
  batchSize?: number | undefined;
  /**
   * Use the same memory for the columns of every batch; default false. The columns of a batch are then valid until the next
   * call of `read` (or step of the iteration), which overwrites them; copy what you want to keep. Reading is up to several
   * times as fast, since no memory is allocated. {@link readEvents} and HDF5 files ignore it.
   */
  reuse?: boolean | undefined;
  /**
   * The meaning of time 0: as in the file (`stored`, default), or the first event or other item of it (`first`), as in
   * Metavision.
   */
  origin?: 'stored' | 'first' | undefined;
  /**
   * Read the complete part of a truncated file, with a warning; default false: `malformed-file` after the complete events.
   * (For an AEDAT 4 file whose header states a greater length, the error comes immediately.)
   */
  allowTruncated?: boolean | undefined;
  /** The size of the sensor, if the file does not contain it, or to override the file. */
  sensor?: Sensor | undefined;
  /** AEDAT 2: `dvs128`, `davis128`, `davis240` or `davis346`, if the header does not state it. */
  chip?: 'dvs128' | 'davis128' | 'davis240' | 'davis346' | undefined;
  /** EVT2.1: whether the upper half of a word comes second (`little`) or first (`legacy`), instead of the header's statement. */
  halfOrder?: 'little' | 'legacy' | undefined;
  /** Headerless AER: bytes of an address. Default: as in the file's name (`addr2b`). */
  addressBytes?: 2 | 4 | undefined;
  /** Headerless AER: microseconds of a unit of time; `t` stays in units. Default: as in the file's name (`ts02`: 0.2), or 1. */
  tick?: number | undefined;
  /**
   * CSV and `.npy`: names of the columns in their order; `t`, `x`, `y` and `p` are used, others are ignored. NPZ: names of the
   * arrays. A recording without polarity throws an error unless this option omits `p`; then every polarity is 1.
   */
  columns?: readonly string[] | undefined;
  /**
   * CSV, `.npy`, `.npz`: the unit of the times in the file; default `us`. Times are rounded to whole microseconds; times beyond 2^53 µs throw an
   * error.
   */
  timeUnit?: 'ns' | 'us' | 'ms' | 's' | undefined;
  /** HDF5: index of the recording in a file with many (SHD, SSC); default 0. */
  sample?: number | undefined;
}

/** Options of {@link writeEvents} and {@link createEventWriter}. */
export interface WriteEventsOptions extends TaskOptions {
  /** Default: from the path's extension (`.raw` is EVT3, `.aedat` is AEDAT 3.1). */
  format?: EventFormat | undefined;
  /** Default: the reader's sensor. Required for AEDAT 4 and `.es`. */
  sensor?: Sensor | undefined;
  /** Data to be dropped if the format cannot store them; default none: such data throw `unsupported`. */
  drop?: readonly ('triggers' | 'imu' | 'frames')[] | undefined;
  /** AEDAT 2: the chip whose addresses are written. */
  chip?: 'dvs128' | 'davis128' | 'davis240' | 'davis346' | undefined;
  /** EVT2.1; default `little`. */
  halfOrder?: 'little' | 'legacy' | undefined;
  /** AEDAT 4; default `lz4`. */
  compression?: 'none' | 'lz4' | 'zstd' | undefined;
  /** Headerless AER; default 4. */
  addressBytes?: 2 | 4 | undefined;
}

const openNames = [
  ...['format', 'batchSize', 'origin', 'allowTruncated', 'sensor', 'chip', 'halfOrder', 'addressBytes'],
  ...['tick', 'columns', 'timeUnit', 'sample', 'reuse', 'limits', 'signal', 'onProgress'],
] as const;

const writeNames = [
  ...['format', 'sensor', 'drop', 'chip', 'halfOrder', 'compression', 'addressBytes', 'signal', 'onProgress'],
] as const;

const chips = ['dvs128', 'davis128', 'davis240', 'davis346'] as const;

/** The largest batch: half a gigabyte of columns. */
const maxBatch = 2 ** 25;

function sensorOf(sensor: Sensor): [number, number] {
  if (typeof sensor !== 'object' || sensor === null) invalid('sensor', sensor, '{ width, height }');
  const side = (name: 'width' | 'height') => integer(`sensor.${name}`, sensor[name], { min: 1, max: 65535 });
  return [side('width'), side('height')];
}

function addressBytesOf(bytes: unknown): number {
  if (bytes !== 2 && bytes !== 4) invalid('addressBytes', bytes, '2 or 4');
  return bytes;
}

/** The reading options for the engine, as JSON. @throws LapicqueError `invalid-parameter`, `unknown-name` */
export function openOptions(rawOptions: OpenEventsOptions): string {
  const options = checkOptions('options', rawOptions, openNames);
  const { format, batchSize, origin, allowTruncated, sensor, chip, halfOrder } = options;
  const { addressBytes, tick, columns, timeUnit, reuse } = options;
  if (reuse !== undefined) flag('reuse', reuse);
  if (columns !== undefined && !Array.isArray(columns)) invalid('columns', columns, 'a list of names');
  return JSON.stringify({
    ...(format !== undefined && { format: oneOf('event format', format, eventFormatNames) }),
    ...(batchSize !== undefined && {
      batchSize: integer('batchSize', batchSize, { min: 1, max: maxBatch }),
    }),
    ...(origin !== undefined && { origin: oneOf('origin', origin, ['stored', 'first']) }),
    ...(allowTruncated !== undefined && { allowTruncated: flag('allowTruncated', allowTruncated) }),
    ...(sensor !== undefined && { sensor: sensorOf(sensor) }),
    ...(chip !== undefined && { chip: oneOf('chip', chip, chips) }),
    ...(halfOrder !== undefined && { halfOrder: oneOf('halfOrder', halfOrder, ['little', 'legacy']) }),
    ...(addressBytes !== undefined && { addressBytes: addressBytesOf(addressBytes) }),
    ...(tick !== undefined && { tick: finite('tick', tick, { above: 0 }) }),
    ...(columns !== undefined && { columns: columns.map((name) => text('columns[]', name)) }),
    ...(timeUnit !== undefined && { timeUnit: oneOf('unit of time', timeUnit, ['ns', 'us', 'ms', 's']) }),
  });
}

/** The writing options for the engine, as JSON. @throws LapicqueError `invalid-parameter`, `unknown-name` */
export function writeOptions(rawOptions: WriteEventsOptions): string {
  const options = checkOptions('options', rawOptions, writeNames);
  const { format, sensor, chip, halfOrder, compression, addressBytes, drop = [] } = options;
  if (!Array.isArray(drop)) invalid('drop', drop, 'a list of triggers, imu, frames');
  for (const name of drop) oneOf('drop', name, ['triggers', 'imu', 'frames']);
  return JSON.stringify({
    ...(format !== undefined && { format: oneOf('event format', format, eventFormatNames) }),
    ...(sensor !== undefined && { sensor: sensorOf(sensor) }),
    ...(chip !== undefined && { chip: oneOf('chip', chip, chips) }),
    ...(halfOrder !== undefined && { halfOrder: oneOf('halfOrder', halfOrder, ['little', 'legacy']) }),
    ...(compression !== undefined && {
      compression: oneOf('compression', compression, ['none', 'lz4', 'zstd']),
    }),
    ...(addressBytes !== undefined && { addressBytes: addressBytesOf(addressBytes) }),
  });
}

/** Options that not every format reads. A writer takes any `sensor`, because it also gets the reader's. */
const ofSomeFormats = new Set(
  Object.values(eventFormats).flatMap(({ options, writeOptions }) => [...options, ...writeOptions]),
);
ofSomeFormats.delete('sensor');

/**
 * Refuses given options that files of other formats need and this format does not use.
 *
 * @param elsewhere - options that another file of the same call uses
 * @throws LapicqueError `unsupported`
 */
export function refuseOptionsOfOtherFormats(
  options: object,
  format: string,
  used: 'options' | 'writeOptions',
  elsewhere: readonly string[] = [],
): void {
  const form = eventFormats[format as EventFormat];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || !ofSomeFormats.has(name)) continue;
    if (form[used].includes(name) || elsewhere.includes(name)) continue;
    throw new LapicqueError('unsupported', { feature: `the option ${name}`, format: form.title });
  }
}

/** The format in which a file of this name is written, if it is one. */
export function formatOfName(path: string): EventFormat | undefined {
  const extension = extname(path).slice(1).toLowerCase();
  return eventFormatNames.find((name) => eventFormats[name].defaultOf.includes(extension));
}
