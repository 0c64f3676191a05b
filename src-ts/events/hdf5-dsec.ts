/** DSEC's HDF5: a dataset for each of x, y, t and p in `events`, `ms_to_idx` and `t_offset`. */

import { options as checkOptions, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { Hdf5File } from '../hdf5/file.ts';
import { createHdf5 } from '../hdf5/write.ts';
import type { EventWriter } from './batch.ts';
import { narrow8, narrow16 } from './hdf5-columns.ts';
import type { EventTable } from './hdf5-reader.ts';

type Task = { readonly signal?: AbortSignal };

const names = ['x', 'y', 't', 'p'] as const;

/** @throws LapicqueError `malformed-file` for columns of different lengths */
export async function dsecTable(file: Hdf5File, task: Task): Promise<EventTable> {
  const [x, y, t, p] = await Promise.all(names.map((name) => file.dataset(`events/${name}`, task)));
  const lengths = [x, y, t, p].map((column) => column!.shape);
  if (!lengths.every((shape) => shape?.length === 1 && shape[0] === lengths[0]![0]))
    throw malformed(`the columns of events have the shapes ${JSON.stringify(lengths)}`);
  const part = async (column: typeof x, from: number, count: number): Promise<Float64Array> => {
    const { values } = await column!.read({ start: [from], count: [count], int64: 'number', ...task });
    if (!ArrayBuffer.isView(values)) throw malformed(`${column!.path} has no numbers`);
    return values as Float64Array;
  };
  const metadata = new Map<string, string>();
  if ((await file.kind('t_offset', task)) === 'dataset') {
    const { values } = await file.read('t_offset', task);
    metadata.set('t_offset', String((values as BigInt64Array)[0]));
  }
  return {
    format: 'dsec-hdf5',
    sensor: undefined,
    metadata,
    length: lengths[0]![0]!,
    chunk: t!.chunks?.[0] ?? 1,
    events: async (from, count) => {
      const [columns, rows, times, signs] = await Promise.all(
        [x, y, t, p].map((column) => part(column, from, count)),
      );
      return {
        t: Float64Array.from(times!),
        x: narrow16('x', columns!),
        y: narrow16('y', rows!),
        polarity: narrow8('p', signs!),
      };
    },
    times: async (from, count) => Float64Array.from(await part(t, from, count)),
    triggers: async () => undefined,
  };
}

function malformed(reason: string): Error {
  return new LapicqueError('malformed-file', { format: 'DSEC HDF5', offset: 0, reason });
}

/** Options of {@link writeDsec}. */
export interface DsecOptions {
  /** Is subtracted from each time before it is stored in 32 bits, and stored as `t_offset`. Default 0. */
  offset?: number;
}

/** Times are stored in 32 bits. */
const maxTime = 2 ** 32;

/** Starts a recording in the layout of DSEC. Times must be sorted. @throws LapicqueError `io` */
export async function writeDsec(path: string | URL, options: DsecOptions = {}): Promise<EventWriter> {
  const { offset = 0 } = checkOptions('writeDsec', options, ['offset']);
  const file = await createHdf5(path);
  const packed = { deflate: true, chunks: [16384] } as const;
  const [xs, ys, ts, ps, index] = [
    await file.stream('events/x', { type: 'uint16', ...packed }),
    await file.stream('events/y', { type: 'uint16', ...packed }),
    await file.stream('events/t', { type: 'uint32', ...packed }),
    await file.stream('events/p', { type: 'uint8', ...packed }),
    await file.stream('ms_to_idx', { type: 'uint64', ...packed }),
  ];
  await file.dataset('t_offset', BigInt(offset));
  let [count, ms, last] = [0, 0, 0];
  return {
    format: 'dsec-hdf5',
    write: async ({ t, x, y, polarity }) => {
      const times = new Uint32Array(t.length);
      const starts: number[] = [];
      for (let i = 0; i < t.length; i++) {
        const time = t[i]! - offset;
        if (!(time >= 0 && time < maxTime))
          invalid('t', t[i], `times from ${offset} to ${offset + maxTime - 1}; set offset`);
        if (time < last) invalid('t', t[i], `sorted times: ${last + offset} came before it`);
        last = time;
        times[i] = time;
        // The first event at or after each millisecond.
        for (; ms * 1000 <= time; ms++) starts.push(count + i);
      }
      count += t.length;
      await Promise.all([
        xs.append(x),
        ys.append(y),
        ts.append(times),
        ps.append(polarity),
        index.append(starts),
      ]);
    },
    close: () => file.close(),
    abort: () => file.abort(),
    [Symbol.dispose]: () => file.abort(),
  };
}
