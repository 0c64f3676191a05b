/** Recordings of event cameras against independent decoders. */
import { dirname, join } from 'node:path';
import { type EventBatch, type OpenEventsOptions, openEvents } from '../../src-ts/doors/events.ts';
import { LapicqueError } from '../../src-ts/index.ts';
import { hdf5Events } from './events-hdf5.ts';
import { BadCase, isObject, type Json, number, object, type SideCar, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** What a recording gave before it ended, or before it failed. */
interface Decoded {
  readonly columns: Readonly<Record<string, ArrayLike<number>>>;
  readonly count: number;
  readonly warned: boolean;
  readonly error?: LapicqueError;
}

/** `check: 'events'` */
export async function events(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  if (/^events\.(prophesee|dsec|shd)_hdf5$/.test(text(entry.model, 'model'))) {
    return hdf5Events(car, entry, comparison);
  }
  const path = join(dirname(car.path), text(entry.file, 'file'));
  if (entry.truncated_copy_of !== undefined) return truncated(path, car, entry);
  if (entry.corrupted_copy_of !== undefined) return corrupted(path, car, entry);
  const { columns, error } = await decoded(path, optionsOf(entry));
  if (error !== undefined) throw error;
  for (const [name, tensor] of Object.entries(object(entry.expected, 'expected'))) {
    const values = name === 'y' ? rowsOf(entry, columns.y!) : columns[name];
    if (values === undefined) throw new BadCase(`a recording has no ${name}`);
    comparison.expected(tensor, values, [values.length]);
  }
}

/** Where faery's own reading of an `.es` file is the reference, rows are counted from the top: it turns them around. */
function rowsOf(entry: Json, y: ArrayLike<number>): ArrayLike<number> {
  const byFaery = entry.format === 'es' && isObject(entry.checks) && entry.checks.faery === 'exact';
  return byFaery ? Array.from(y, (row) => number(entry.height, 'height') - 1 - row) : y;
}

/** What the file itself does not say. */
function optionsOf(entry: Json): OpenEventsOptions {
  const chip = /^aedat2_(\w+)$/.exec(String(entry.format))?.[1];
  return chip === undefined ? {} : { chip: chip as NonNullable<OpenEventsOptions['chip']> };
}

async function decoded(path: string, options: OpenEventsOptions): Promise<Decoded> {
  const lists: Record<string, number[]> = {};
  let [count, warned, error]: [number, boolean, LapicqueError | undefined] = [0, false, undefined];
  try {
    // A batch is no multiple of anything in the files.
    using reader = await openEvents(path, { batchSize: 97, ...options });
    for await (const batch of reader) {
      count += batch.t.length;
      for (const [name, values] of Object.entries(columnsOf(batch))) {
        lists[name] ??= [];
        for (const value of Array.from(values)) lists[name].push(value);
      }
    }
    warned = reader.warnings.some(({ kind }) => kind === 'truncated');
  } catch (thrown) {
    if (!(thrown instanceof LapicqueError)) throw thrown;
    error = thrown;
  }
  // A file without events has no batch.
  const columns = Object.fromEntries(columnNames.map((name) => [name, lists[name] ?? []]));
  return { columns, count, warned, ...(error !== undefined && { error }) };
}

const columnNames = ['t', 'x', 'y', 'p', 'trig_t', 'trig_id', 'trig_p', 'r', 'g', 'b', 'exposure', 'address'];

function columnsOf({ t, x, y, polarity, triggers, colors, exposure, address }: EventBatch) {
  return {
    ...{ t, x, y, p: polarity },
    ...(triggers && { trig_t: triggers.t, trig_id: triggers.id, trig_p: triggers.polarity }),
    ...colors,
    ...(exposure && { exposure }),
    ...(address && { address }),
  };
}

/** A file that ends early is refused, after the events that are whole; where it is allowed, all that are whole are there, and a warning. */
async function truncated(path: string, car: SideCar, entry: Json): Promise<void> {
  const strict = await decoded(path, optionsOf(entry));
  if (strict.error !== undefined) refusal(path, strict.error);
  prefix(path, strict, car, entry);
  const tolerant = await decoded(path, { ...optionsOf(entry), allowTruncated: true });
  if (tolerant.error !== undefined) throw tolerant.error;
  prefix(path, tolerant, car, entry);
  const readable = entry.readable_events;
  if (typeof readable === 'number' && tolerant.count !== readable) {
    throw new Error(`${path}: ${tolerant.count} events of a file that ends early, expected ${readable}`);
  }
  if (strict.error !== undefined && !tolerant.warned)
    throw new Error(`${path}: no warning that it ends early`);
}

/** A damaged file is refused, or read as far as it is right. */
async function corrupted(path: string, car: SideCar, entry: Json): Promise<void> {
  const got = await decoded(path, optionsOf(entry));
  if (got.error !== undefined) refusal(path, got.error);
  const right = entry.equal_prefix;
  if (typeof right === 'number') {
    prefix(path, got, car, entry, right);
    if (got.error === undefined && got.count < right) throw new Error(`${path}: only ${got.count} events`);
  } else if (got.error === undefined && (entry.expected === undefined || entry.expected === null)) {
    throw new Error(`${path} is read as if nothing were wrong with it`);
  }
}

/** An error says the format and the place. */
function refusal(path: string, error: LapicqueError): void {
  if (error.code !== 'malformed-file' && error.code !== 'unsupported') {
    throw new Error(`${path}: ${error.code} ${error.message}`, { cause: error });
  }
}

/** The events that were read begin those of the whole file. */
function prefix(
  path: string,
  got: Decoded,
  car: SideCar,
  entry: Json,
  most = Number.POSITIVE_INFINITY,
): void {
  if (!isObject(entry.expected)) return;
  const tensors = object(entry.expected.prefix_of, 'expected.prefix_of');
  for (const [name, tensor] of Object.entries(tensors)) {
    const reference = car.tensor(tensor).data;
    const values = got.columns[name]!;
    const length = Math.min(values.length, most);
    if (length > reference.length) throw new Error(`${path}: ${length} events of ${reference.length}`);
    for (let i = 0; i < length; i++) {
      if (values[i] !== reference[i]) {
        throw new Error(`${path}: ${name}[${i}] is ${values[i]}, expected ${reference[i]}`);
      }
    }
  }
}
