/** Prophesee's HDF5: records in `CD/events`, triggers in `EXT_TRIGGER/events`, compressed with ECF or not. */
import { options as checkOptions, integer, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { Hdf5Dataset, Hdf5File } from '../hdf5/file.ts';
import { createHdf5 } from '../hdf5/write.ts';
import type { EventBatch, EventWriter, Sensor, Triggers } from './batch.ts';
import { narrow8, narrow16 } from './hdf5-columns.ts';
import type { EventTable } from './hdf5-reader.ts';

type Task = { readonly signal?: AbortSignal };
type Columns = Readonly<Record<string, Float64Array>>;

/** Path of the events. */
const events = 'CD/events';
const triggers = 'EXT_TRIGGER/events';

/** @throws LapicqueError `malformed-file` for records without x, y, p or t */
export async function propheseeTable(file: Hdf5File, task: Task): Promise<EventTable> {
  const dataset = await file.dataset(events, task);
  const part = async (from: number, count: number): Promise<Columns> => {
    const { values } = await dataset.read({ start: [from], count: [count], int64: 'number', ...task });
    const columns = values as Columns;
    for (const name of ['x', 'y', 'p', 't'])
      if (!ArrayBuffer.isView(columns[name])) throw malformed(`${events} has no member ${name}`);
    return columns;
  };
  const attributes = await file.attributes('/', task);
  const metadata = new Map<string, string>();
  for (const [name, { values }] of attributes)
    if (Array.isArray(values)) metadata.set(name, String(values[0]));
  return {
    format: 'prophesee-hdf5',
    sensor: sensorOf(metadata.get('geometry')),
    metadata,
    length: lengthOf(dataset),
    chunk: dataset.chunks?.[0] ?? 1,
    events: async (from, count): Promise<EventBatch> => {
      const { x, y, p, t } = await part(from, count);
      return {
        t: Float64Array.from(t!),
        x: narrow16('x', x!),
        y: narrow16('y', y!),
        polarity: narrow8('p', p!),
      };
    },
    times: async (from, count) => Float64Array.from((await part(from, count)).t!),
    triggers: () => triggersOf(file, task),
  };
}

async function triggersOf(file: Hdf5File, task: Task): Promise<Triggers | undefined> {
  if ((await file.kind('EXT_TRIGGER', task)) !== 'group' || (await file.kind(triggers, task)) !== 'dataset')
    return undefined;
  const dataset = await file.dataset(triggers, task);
  if (lengthOf(dataset) === 0) return undefined;
  const { values } = await dataset.read({ int64: 'number', ...task });
  const { t, id, p } = values as Columns;
  if (t === undefined || id === undefined || p === undefined)
    throw malformed(`${triggers} has no members t, id and p`);
  return { t: Float64Array.from(t), id: narrow8('id', id), polarity: narrow8('p', p) };
}

function lengthOf({ shape, path }: Hdf5Dataset): number {
  if (shape?.length !== 1) throw malformed(`${path} has ${shape?.length ?? 'no'} axes; expected one`);
  return shape[0]!;
}

/** Parses `1280x720`. */
function sensorOf(geometry: string | undefined): Sensor | undefined {
  const found = /^(\d{1,5})x(\d{1,5})$/.exec(geometry ?? '');
  return found === null ? undefined : { width: Number(found[1]), height: Number(found[2]) };
}

function malformed(reason: string): Error {
  return new LapicqueError('malformed-file', { format: 'Prophesee HDF5', offset: 0, reason });
}

/** Microseconds between two entries of the index. */
const indexInterval = 2000;

/** Options of {@link writeProphesee}. */
export interface PropheseeOptions {
  sensor: Sensor;
  /** Compresses events with ECF, as OpenEB does; without it any HDF5 library can read them. Default true. */
  ecf?: boolean;
}

const record = {
  compound: [
    { name: 'x', type: 'uint16', offset: 0 },
    { name: 'y', type: 'uint16', offset: 2 },
    { name: 'p', type: 'int16', offset: 4 },
    { name: 't', type: 'int64', offset: 8 },
  ],
  size: 16,
} as const;

const trigger = {
  compound: [
    { name: 'p', type: 'int16', offset: 0 },
    { name: 't', type: 'int64', offset: 8 },
    { name: 'id', type: 'int16', offset: 16 },
  ],
  size: 24,
} as const;

const index = {
  compound: [
    { name: 'id', type: 'uint64' },
    { name: 'ts', type: 'int64' },
  ],
} as const;

/** Starts a recording in the layout of OpenEB's writer. @throws LapicqueError `io` */
export async function writeProphesee(path: string | URL, options: PropheseeOptions): Promise<EventWriter> {
  const { sensor, ecf = true } = checkOptions('writeProphesee', options, ['sensor', 'ecf']);
  if (typeof sensor !== 'object' || sensor === null) invalid('sensor', sensor, '{ width, height }');
  integer('sensor.width', sensor.width, { min: 1, max: 65_535 });
  integer('sensor.height', sensor.height, { min: 1, max: 65_535 });
  const file = await createHdf5(path);
  const [cd, external, indexes] = [
    await file.stream(events, { type: record, chunks: [16384], ecf }),
    await file.stream(triggers, { type: trigger, chunks: [64] }),
    await file.stream('CD/indexes', { type: index, chunks: [64] }),
  ];
  await file.attribute('', 'geometry', `${sensor.width}x${sensor.height}`);
  await file.attribute('', 'format', 'EVT3');
  await file.attribute('', 'version', '1.0');
  let [count, first, next] = [0, 0, 0];
  let entries: { id: number[]; ts: number[] } = { id: [0], ts: [-1] };
  const flush = async () => {
    if (entries.id.length === 0) return;
    await indexes.append({ id: entries.id, ts: entries.ts });
    entries = { id: [], ts: [] };
  };
  return {
    format: 'prophesee-hdf5',
    write: async ({ t, x, y, polarity, triggers: given }) => {
      if (count === 0 && t.length > 0) first = t[0]!;
      for (let i = 0; i < t.length; i++) {
        // The first event of each interval, with its time relative to the first event.
        if (t[i]! - first < next) continue;
        entries.id.push(count + i);
        entries.ts.push(t[i]! - first);
        next = (Math.floor((t[i]! - first) / indexInterval) + 1) * indexInterval;
      }
      await cd.append({ x, y, p: Int16Array.from(polarity), t: BigInt64Array.from(t, BigInt) });
      count += t.length;
      if (entries.id.length > 4096) await flush();
      if (given !== undefined)
        await external.append({
          p: Int16Array.from(given.polarity),
          t: BigInt64Array.from(given.t, BigInt),
          id: Int16Array.from(given.id),
        });
    },
    close: async () => {
      await flush();
      await file.attribute('CD/indexes', 'offset', String(-first));
      await file.close();
    },
    abort: () => file.abort(),
    [Symbol.dispose]: () => file.abort(),
  };
}
