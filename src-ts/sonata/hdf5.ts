/**
 * HDF5 files, read by jsfive. Of the readers in npm it is the one that neither hangs nor takes gigabytes on damaged files, and
 * it is a package of few users of ours, so that they install it themselves.
 */
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { untilAborted } from '../abort.ts';
import { ioError, LapicqueError, throwIfAborted } from '../errors.ts';
import { Allowance, overLimit } from '../limits.ts';

/** A dataset: whole numbers and floats alike as doubles, or text. */
export interface Table {
  readonly values: Float64Array | readonly string[];
  /** Of its shape, of which the rows lie one behind the other. */
  readonly axes: number;
  /** Attributes that are text. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Datasets by their paths, `nodes/V1/node_type_id`. */
export type Hdf5 = ReadonlyMap<string, Table>;

/** What the thread is to read. */
export interface Hdf5Question {
  readonly path: string;
  readonly groups: readonly string[];
  /** Bytes that the content may take. */
  readonly allowed: number;
}

interface Answer {
  readonly tables?: readonly [string, Table][];
  readonly error?: {
    readonly message: string;
    readonly code?: string;
    readonly missing?: string;
    readonly what?: string;
    readonly needed?: number;
  };
}

const mebibyte = 2 ** 20;

/**
 * The datasets of some of a file's groups, without those of groups that are called `indices`. Read in a thread, which ends with it; the heap of
 * that is bounded, too.
 *
 * @param limit - bytes that the content may take
 * @throws LapicqueError `io`, `malformed-file`, `too-large`, `unsupported` where jsfive is not installed, `aborted`
 */
export async function readHdf5(
  path: string,
  groups: readonly string[],
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Hdf5> {
  throwIfAborted(signal);
  const found = await stat(path).catch((error) => {
    throw ioError(path, error);
  });
  if (!found.isFile()) throw new LapicqueError('io', { path, reason: 'not a regular file' });
  const { allowed } = new Allowance(limit, found.size);
  const question: Hdf5Question = { path, groups, allowed };
  const worker = new Worker(createRequire(import.meta.url).resolve('#hdf5-worker'), {
    // Not what the process was started with: `--input-type` is refused by workers.
    execArgv: [],
    stderr: true,
    stdout: true,
    workerData: question,
    resourceLimits: { maxOldGenerationSizeMb: Math.ceil(allowed / mebibyte) + 64 },
  });
  const answer = new Promise<Answer>((resolve) => {
    worker.once('message', resolve);
    worker.once('error', ({ message, code }: NodeJS.ErrnoException) => {
      // What V8 takes for it is not known before.
      const most = code === 'ERR_WORKER_OUT_OF_MEMORY' ? { what: path, needed: 2 * allowed } : {};
      resolve({ error: { message, ...most } });
    });
    worker.once('exit', () => resolve({ error: { message: 'its reader ended' } }));
  });
  try {
    const { tables, error } = await untilAborted(signal, answer);
    if (tables !== undefined) return new Map(tables);
    const { message, code, missing, what, needed } = error!;
    if (missing !== undefined) {
      const feature = `HDF5 without the package ${missing} (npm install ${missing})`;
      throw new LapicqueError('unsupported', { feature, format: 'loadSonata' });
    }
    if (what !== undefined) throw overLimit(what, needed!, allowed);
    // What the system and not the reader refused.
    if (/^E[A-Z]+$/.test(code ?? '')) throw ioError(path, Object.assign(new Error(message), { code }));
    throw new LapicqueError('malformed-file', { format: 'HDF5', offset: 0, reason: `${path}: ${message}` });
  } finally {
    void worker.terminate();
  }
}

/** The populations that a group of a file has. */
export function populationsOf(tables: Hdf5, group: string): string[] {
  const names = [...tables.keys()].filter((at) => at.startsWith(`${group}/`)).map((at) => at.split('/')[1]!);
  return [...new Set(names)];
}
