/** `lapicque events` and `lapicque convert`: inspects recordings and converts them to other formats. */
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { EventReader } from '../events/batch.ts';
import { type EventFormat, eventFormats } from '../events/formats.generated.ts';
import { writeProphesee } from '../events/hdf5-prophesee.ts';
import { openEvents, openRecording } from '../events/open.ts';
import {
  formatOfName,
  type OpenEventsOptions,
  refuseOptionsOfOtherFormats,
  type WriteEventsOptions,
} from '../events/options.ts';
import { readEvents } from '../events/read.ts';
import { type WrittenEvents, writeEvents } from '../events/write.ts';
import { writeTensors } from '../files/tensor-file.ts';
import { interruption } from './interrupt.ts';
import { bytes, grouped, output, table } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';

/** Options of reading, as given on the command line. */
export interface EventOptions extends CommonOptions {
  format?: EventFormat;
  to?: EventFormat;
  origin?: 'stored' | 'first';
  allowTruncated?: true;
  width?: number;
  height?: number;
  chip?: NonNullable<OpenEventsOptions['chip']>;
  halfOrder?: 'little' | 'legacy';
  addressBytes?: number;
  tick?: number;
  columns?: string;
  timeUnit?: 'ns' | 'us' | 'ms' | 's';
  compression?: 'none' | 'lz4' | 'zstd';
}

/** Extensions of recordings that `lapicque inspect` does not read as another kind of file. */
const extensions = ['.raw', '.aedat', '.aedat4', '.dat', '.es', '.bin', '.csv'];

/** Whether a file is a recording, by its name. */
export function isRecording(path: string): boolean {
  return extensions.includes(extname(path).toLowerCase());
}

/** The options of `openEvents` from the command line. */
export function reading(options: EventOptions, signal: AbortSignal): OpenEventsOptions {
  const { format, origin, allowTruncated, width, height, chip, halfOrder, tick, columns, timeUnit } = options;
  const { addressBytes } = options;
  return {
    signal,
    ...(format !== undefined && { format }),
    ...(origin !== undefined && { origin }),
    ...(allowTruncated !== undefined && { allowTruncated }),
    ...(width !== undefined && height !== undefined && { sensor: { width, height } }),
    ...(chip !== undefined && { chip }),
    ...(halfOrder !== undefined && { halfOrder }),
    ...(addressBytes !== undefined && { addressBytes: addressBytes as 2 | 4 }),
    ...(tick !== undefined && { tick }),
    ...(columns !== undefined && { columns: columns.split(',') }),
    ...(timeUnit !== undefined && { timeUnit }),
  };
}

/** `lapicque events inspect` */
export async function inspectEvents(path: string, options: EventOptions): Promise<void> {
  await prepare(options);
  using reader = await openEvents(path, reading(options, interruption()));
  const report = {
    path,
    kind: 'events',
    bytes: statSync(path).size,
    format: reader.format,
    sensor: reader.sensor ?? null,
    tick: reader.tick,
    metadata: Object.fromEntries(reader.metadata),
    ...(await counted(reader)),
    warnings: reader.warnings,
  };
  output(options.json === true).result(report, () => {
    const { sensor, events, duration } = report;
    const rows = [
      ['format', report.format],
      ['bytes', bytes(report.bytes)],
      ['sensor', sensor === null ? 'not in the file' : `${sensor.width} x ${sensor.height}`],
      ['events', `${grouped(events)} (${grouped(report.on)} of polarity 1)`],
      ['time', events === 0 ? 'none' : `${report.first} to ${report.last}, in units of ${reader.tick} us`],
      ['rate', duration > 0 ? `${((1e6 * events) / (duration * reader.tick)).toFixed(0)} events/s` : 'none'],
      ['x', `${report.x[0]} to ${report.x[1]}`],
      ['y', `${report.y[0]} to ${report.y[1]}`],
      ['triggers', grouped(report.triggers)],
      ['IMU samples', grouped(report.imu)],
      ['frames', grouped(report.frames)],
      ...Object.entries(report.metadata).map(([name, value]) => [`header: ${name}`, value]),
      ...report.warnings.map(({ kind, offset, message }) => [
        `warning: ${kind}`,
        `byte ${offset}: ${message}`,
      ]),
    ];
    return table(rows as [string, string][]);
  });
}

async function counted(reader: EventReader) {
  let [events, on, triggers, imu, frames] = [0, 0, 0, 0, 0];
  let [first, last] = [Number.NaN, Number.NaN];
  const [x, y]: [number, number][] = [
    [65535, 0],
    [65535, 0],
  ];
  for await (const batch of reader) {
    const { t } = batch;
    events += t.length;
    if (t.length > 0) {
      if (Number.isNaN(first)) first = t[0]!;
      last = t.at(-1)!;
    }
    for (const polarity of batch.polarity) on += polarity;
    widen(x!, batch.x);
    widen(y!, batch.y);
    triggers += batch.triggers?.t.length ?? 0;
    imu += batch.imu?.t.length ?? 0;
    frames += batch.frames?.length ?? 0;
  }
  const some = events > 0;
  return {
    ...{
      events,
      on,
      first: some ? first : null,
      last: some ? last : null,
      duration: some ? last - first : 0,
    },
    ...{ x: some ? x! : [0, 0], y: some ? y! : [0, 0], triggers, imu, frames },
  };
}

function widen(range: [number, number], values: Uint16Array): void {
  for (const value of values) {
    if (value < range[0]) range[0] = value;
    if (value > range[1]) range[1] = value;
  }
}

/** `lapicque convert` */
export async function convertEvents(from: string, to: string, options: EventOptions): Promise<void> {
  await prepare(options);
  const signal = interruption();
  const out = output(options.json === true);
  const written = await converted(from, to, options, signal);
  const left = Object.entries(written.dropped).filter(([, count]) => count > 0);
  const without = left.map(([name, count]) => `${grouped(count)} ${name}`).join(', ');
  if (without !== '') out.note(`left out, since ${written.format} does not hold them: ${without}`);
  const report = { from, to, ...written, bytes: statSync(to).size };
  out.result(
    report,
    () => `${to}: ${grouped(written.events)} events, ${written.format}, ${bytes(report.bytes)}`,
  );
}

async function converted(
  from: string,
  to: string,
  options: EventOptions,
  signal: AbortSignal,
): Promise<WrittenEvents> {
  const extension = extname(to).slice(1).toLowerCase();
  if (extension === 'safetensors') {
    const { compression } = options;
    if (compression !== undefined)
      throw new LapicqueError('unsupported', { feature: 'the option compression', format: 'safetensors' });
    return toTensors(from, to, options, signal);
  }
  const format = options.to ?? formatOfName(to);
  const writeOptions = format === undefined ? [] : eventFormats[format].writeOptions;
  using reader = await openRecording(from, reading(options, signal), writeOptions);
  if (format === 'hdf5') {
    const { compression } = options;
    refuseOptionsOfOtherFormats({ compression }, format, 'writeOptions');
    return await toHdf5(reader, to);
  }
  // An option that the reader has used is not for a writer that does not.
  const readOptions: readonly string[] = eventFormats[reader.format as EventFormat].options;
  const forWriter = <T>(name: string, value: T) =>
    value === undefined || (readOptions.includes(name) && !writeOptions.includes(name))
      ? {}
      : { [name]: value };
  const holds = format === undefined ? [] : eventFormats[format].writes;
  const writing: WriteEventsOptions = {
    signal,
    drop: (['triggers', 'imu', 'frames'] as const).filter((name) => !holds.includes(name)),
    ...(options.to !== undefined && { format: options.to }),
    ...(reader.sensor !== undefined && { sensor: reader.sensor }),
    ...forWriter('chip', options.chip),
    ...forWriter('halfOrder', options.halfOrder),
    ...forWriter('compression', options.compression),
    ...forWriter('addressBytes', options.addressBytes),
  };
  return await writeEvents(to, reader, writing);
}

/** The columns as tensors, for programs that do not read event formats. */
async function toTensors(
  from: string,
  to: string,
  options: EventOptions,
  signal: AbortSignal,
): Promise<WrittenEvents> {
  const { t, x, y, polarity, triggers, imu, frames } = await readEvents(from, reading(options, signal));
  await writeTensors(to, { t: BigInt64Array.from(t, BigInt), x, y, p: polarity }, { signal });
  const dropped = {
    triggers: triggers?.t.length ?? 0,
    imu: imu?.t.length ?? 0,
    frames: frames?.length ?? 0,
  };
  return { format: 'safetensors', events: t.length, triggers: 0, imu: 0, frames: 0, dropped };
}

/** The layout of Prophesee's tools. */
async function toHdf5(reader: EventReader, to: string): Promise<WrittenEvents> {
  const { sensor } = reader;
  if (sensor === undefined)
    invalid(
      '--width',
      undefined,
      'the width and the height of the sensor, because the file does not contain them',
    );
  const writer = await writeProphesee(to, { sensor });
  const dropped = { triggers: 0, imu: 0, frames: 0 };
  let [events, triggers] = [0, 0];
  try {
    for await (const { imu, frames, ...batch } of reader) {
      await writer.write(batch);
      events += batch.t.length;
      triggers += batch.triggers?.t.length ?? 0;
      dropped.imu += imu?.t.length ?? 0;
      dropped.frames += frames?.length ?? 0;
    }
    await writer.close();
  } finally {
    // The warnings of a complete file are empty.
    writer.abort();
  }
  return { format: 'hdf5', events, triggers, imu: 0, frames: 0, dropped };
}
