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
  /** Of its shape, of which the rows lie one behind the other. */
  readonly axes: number;
  /** Attributes that are text. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Datasets by their paths, `nodes/V1/node_type_id`. */
export type Hdf5 = ReadonlyMap<string, Table>;

interface Answer {
  readonly tables?: readonly [string, Table][];
  readonly error?: { readonly message: string; readonly code?: string; readonly missing?: string };
}

/** Reads files one after another in one thread, which ends with it. */
export class Hdf5Reader implements Disposable {
  readonly #worker = new Worker(createRequire(import.meta.url).resolve('#hdf5-worker'), {
    stderr: true,
    stdout: true,
  });
  readonly #signal: AbortSignal | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /**
   * The datasets of some of a file's groups, without those of groups that are called `indices`.
   *
   * @throws LapicqueError `io`, `malformed-file`, `unsupported` where jsfive is not installed, `aborted`
   */
  async read(path: string, groups: readonly string[]): Promise<Hdf5> {
    throwIfAborted(this.#signal);
    const worker = this.#worker;
    const answer = new Promise<Answer>((resolve) => {
      const told = (answer: Answer) => {
        for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
        resolve(answer);
      };
      worker.once('message', told);
      worker.once('error', ({ message }) => told({ error: { message } }));
      worker.once('exit', () => told({ error: { message: 'its reader ended' } }));
    });
    worker.postMessage({ path, groups });
    const { tables, error } = await untilAborted(this.#signal, answer);
    if (tables !== undefined) return new Map(tables);
    const { message, code, missing } = error!;
    if (missing !== undefined) {
      const feature = `HDF5 without the package ${missing} (npm install ${missing})`;
      throw new LapicqueError('unsupported', { feature, format: 'loadSonata' });
    }
    if (code !== undefined) throw ioError(path, Object.assign(new Error(message), { code }));
    throw new LapicqueError('malformed-file', { format: 'HDF5', offset: 0, reason: `${path}: ${message}` });
  }

  [Symbol.dispose](): void {
    void this.#worker.terminate();
  }
}

/** The populations that a group of a file has. */
export function populationsOf(tables: Hdf5, group: string): string[] {
  const names = [...tables.keys()].filter((at) => at.startsWith(`${group}/`)).map((at) => at.split('/')[1]!);
  return [...new Set(names)];
}
