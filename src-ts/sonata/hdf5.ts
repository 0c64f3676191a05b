/**
 * HDF5 files, read by jsfive. Of the readers in npm it is the one that neither hangs nor takes gigabytes on damaged files, and
 * it is a package of few users of ours, so that they install it themselves.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { untilAborted } from '../abort.ts';
import { ioError, LapicqueError, throwIfAborted } from '../errors.ts';

/** A dataset: whole numbers and floats alike as doubles, or text. */
export interface Table {
  readonly values: Float64Array | readonly string[];
  /** Attributes that are text. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Datasets by their paths, `nodes/V1/node_type_id`. */
export type Hdf5 = ReadonlyMap<string, Table>;

interface Answer {
  readonly tables?: readonly [string, Table][];
  readonly error?: { readonly message: string; readonly code?: string; readonly missing?: string };
}

/**
 * The datasets of some of a file's groups, without those of groups that are called `indices`.
 *
 * @throws LapicqueError `io`, `malformed-file`, `unsupported` where jsfive is not installed, `aborted`
 */
export async function readHdf5(
  path: string,
  groups: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Hdf5> {
  throwIfAborted(signal);
  const worker = new Worker(createRequire(import.meta.url).resolve('#hdf5-worker'), {
    workerData: { path, groups },
    stderr: true,
    stdout: true,
  });
  const answer = new Promise<Answer>((resolve) => {
    worker.once('message', resolve);
    worker.once('error', ({ message }) => resolve({ error: { message } }));
    worker.once('exit', () => resolve({ error: { message: 'its reader ended' } }));
  });
  try {
    const { tables, error } = await untilAborted(signal, answer);
    if (tables !== undefined) return new Map(tables);
    const { message, code, missing } = error!;
    if (missing !== undefined) {
      const feature = `HDF5 without the package ${missing}: npm install ${missing}`;
      throw new LapicqueError('unsupported', { feature, format: path });
    }
    if (code !== undefined) throw ioError(path, Object.assign(new Error(message), { code }));
    throw new LapicqueError('malformed-file', { format: 'HDF5', offset: 0, reason: `${path}: ${message}` });
  } finally {
    await worker.terminate();
  }
}

/** The populations that a group of a file has. */
export function populationsOf(tables: Hdf5, group: string): string[] {
  const names = [...tables.keys()].filter((at) => at.startsWith(`${group}/`)).map((at) => at.split('/')[1]!);
  return [...new Set(names)];
}
