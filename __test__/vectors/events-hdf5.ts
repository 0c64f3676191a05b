/** Event recordings in HDF5. */
import { dirname, join } from 'node:path';
import { openHdf5 } from '../../src-ts/doors/files.ts';
import type { EventBatch } from '../../src-ts/events/batch.ts';
import { openHdf5Events } from '../../src-ts/events/hdf5.ts';
import { openShd } from '../../src-ts/events/hdf5-shd.ts';
import { LapicqueError } from '../../src-ts/index.ts';
import { type Json, object, type SideCar, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** `check: 'events'`, models `events.prophesee_hdf5`, `events.dsec_hdf5` and `events.shd_hdf5` */
export async function hdf5Events(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  const model = text(entry.model, 'model');
  const path = join(dirname(car.path), text(entry.file, 'file'));
  if (entry.expected === undefined || entry.expected === null) {
    await refused(path);
    return;
  }
  const expected = object(entry.expected, 'expected');
  const got = model === 'events.shd_hdf5' ? await samples(path) : await recording(path);
  for (const [name, tensor] of Object.entries(expected)) {
    const values = got[name];
    if (values === undefined) throw new Error(`${path} gives no ${name}`);
    comparison.expected(tensor, values, [values.length]);
  }
}

/** Truncated files have lost what tells where their data are. */
async function refused(path: string): Promise<void> {
  try {
    const reader = await openHdf5Events(path);
    for await (const _ of reader);
  } catch (error) {
    if (error instanceof LapicqueError && error.code === 'malformed-file') return;
    throw error;
  }
  throw new Error(`${path} is read, where it should be refused`);
}

async function recording(path: string): Promise<Record<string, ArrayLike<number>>> {
  // In batches that are no multiple of a chunk.
  using reader = await openHdf5Events(path, { batchSize: 700 });
  const batches: EventBatch[] = [];
  for await (const batch of reader) batches.push(batch);
  const all = (of: (batch: EventBatch) => ArrayLike<number> | undefined) =>
    batches.flatMap((batch) => Array.from(of(batch) ?? []));
  using file = await openHdf5(path);
  const index =
    (await file.kind('ms_to_idx')) === 'dataset'
      ? await file.read('ms_to_idx', { int64: 'number' })
      : undefined;
  return {
    t: all(({ t }) => t),
    x: all(({ x }) => x),
    y: all(({ y }) => y),
    p: all(({ polarity }) => polarity),
    trig_t: all(({ triggers }) => triggers?.t),
    trig_id: all(({ triggers }) => triggers?.id),
    trig_p: all(({ triggers }) => triggers?.polarity),
    ...(index === undefined ? {} : { ms_to_idx: index.values as Float64Array }),
  };
}

async function samples(path: string): Promise<Record<string, ArrayLike<number>>> {
  using shd = await openShd(path);
  const [times, units, lengths]: [number[], number[], number[]] = [[], [], []];
  for await (const sample of shd) {
    times.push(...sample.times);
    units.push(...sample.units);
    lengths.push(sample.times.length);
  }
  return {
    times,
    units,
    lengths,
    labels: shd.labels,
    ...(shd.speakers === undefined ? {} : { speaker: shd.speakers }),
  };
}
