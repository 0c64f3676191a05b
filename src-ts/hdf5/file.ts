/** Reading HDF5 files. */
import { options as checkOptions, integer, invalid, oneOf, text } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { addon, checkTask, task, unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { Yielder } from '../engine/yielder.ts';
import { type FileSource, type LoadOptions, loadOptions, opened } from '../files/file-source.ts';
import { limitOf } from '../files/limits.ts';
import type { Hdf5Data, Hdf5Type } from './types.ts';
import { dataOf } from './values.ts';

type NativeHdf5 = InstanceType<typeof addon.NativeHdf5>;

/**
 * The kind of a group's member. `type` is a named type that datasets share; `external-link` refers to another file and
 * is never followed; `dangling-link` has no target; opening an `unreadable` member throws the reason.
 */
export type Hdf5Kind = 'group' | 'dataset' | 'type' | 'external-link' | 'dangling-link' | 'unreadable';

/** A member of a group. */
export interface Hdf5Entry {
  readonly name: string;
  readonly kind: Hdf5Kind;
}

/** Options of reading values. */
export interface Hdf5ReadOptions extends Pick<TaskOptions, 'signal'> {
  /**
   * How 64-bit integers are returned: as `BigInt64Array` and `BigUint64Array`, or with `'number'` as `Float64Array`,
   * which refuses integers beyond 2^53. Default `'bigint'`.
   */
  int64?: 'bigint' | 'number';
}

/** Options of reading a dataset. */
export interface Hdf5SliceOptions extends Hdf5ReadOptions {
  /** First index on each axis; default 0. */
  start?: readonly number[];
  /** Number of elements on each axis; default all from `start` on. Omitted axes are read whole. */
  count?: readonly number[];
}

const readOptions = ['signal', 'int64'] as const;

function checkRead<T extends Hdf5ReadOptions>(
  name: string,
  options: T,
  known: readonly (keyof T & string)[],
) {
  const checked = checkOptions(name, options, known);
  const { signal, int64 = 'bigint' } = checked;
  checkTask({ ...(signal === undefined ? {} : { signal }) });
  oneOf('int64', int64, ['bigint', 'number']);
  return { ...checked, signal, int64 };
}

/** A dataset of an open file. */
export class Hdf5Dataset {
  readonly #native: NativeHdf5;
  readonly path: string;
  /** Lengths of the axes; none for a single value, `null` for a null dataspace (no value). */
  readonly shape: readonly number[] | null;
  /** The maximum lengths of the axes, `null` for any length; `undefined` if the file does not specify them. */
  readonly maxShape: readonly (number | null)[] | undefined;
  readonly type: Hdf5Type;
  /** The shape of a chunk; `undefined` if the elements are contiguous. */
  readonly chunks: readonly number[] | undefined;
  /** The filters of chunks, in the order of compression. */
  readonly filters: readonly { readonly id: number; readonly name: string }[];

  /** @internal */
  constructor(native: NativeHdf5, path: string, described: Described) {
    this.#native = native;
    this.path = path;
    this.shape = described.shape;
    this.maxShape = described.maxShape ?? undefined;
    this.type = described.type;
    this.chunks = described.chunks ?? undefined;
    this.filters = described.filters;
  }

  /**
   * Reads all elements or a part. Only the chunks that overlap the part are read and decompressed, on the engine's
   * threads.
   *
   * @throws LapicqueError `invalid-parameter` for a part outside the shape; `too-large` for more than the limit;
   * `malformed-file`; `unsupported` with the name of a filter; `aborted`
   */
  async read(options: Hdf5SliceOptions = {}): Promise<Hdf5Data> {
    const known = [...readOptions, 'start', 'count'] as const;
    const { signal, int64, start, count } = checkRead('read', options, known);
    const slice = start === undefined && count === undefined ? [] : this.#slice(start ?? [], count ?? []);
    const native = await task({ ...(signal === undefined ? {} : { signal }) }, (handle) =>
      this.#native.read(this.path, slice[0], slice[1], handle),
    );
    const [data] = await dataOf(native, int64, new Yielder(signal));
    const { shape, type, values } = data!;
    return { shape, type, values };
  }

  #slice(start: readonly number[], count: readonly number[]): [number[], number[]] {
    const shape = this.shape ?? [];
    for (const [name, given] of [
      ['start', start],
      ['count', count],
    ] as const) {
      if (!Array.isArray(given) || given.length > shape.length)
        invalid(name, given, `at most one number for each of the ${shape.length} axes of ${this.path}`);
      for (const [axis, value] of given.entries()) integer(`${name}[${axis}]`, value, { min: 0 });
    }
    const first = shape.map((_, axis) => start[axis] ?? 0);
    return [first, shape.map((length, axis) => count[axis] ?? Math.max(0, length - first[axis]!))];
  }
}

interface Described {
  readonly kind: Hdf5Kind;
  readonly members: readonly Hdf5Entry[];
  readonly shape: readonly number[] | null;
  readonly maxShape: readonly (number | null)[] | null;
  readonly type: Hdf5Type;
  readonly chunks: readonly number[] | null;
  readonly filters: readonly { readonly id: number; readonly name: string }[];
}

/** An open HDF5 file. Paths are HDF5 paths such as `/nodes/V1/node_id`, with or without the first `/`. */
export class Hdf5File {
  readonly #native: NativeHdf5;

  /** @internal */
  constructor(native: NativeHdf5) {
    this.#native = native;
  }

  async #describe(path: string, signal: AbortSignal | undefined): Promise<Described> {
    if (typeof path !== 'string') invalid('path', path, 'the path of an object in the file');
    const described = await task({ ...(signal === undefined ? {} : { signal }) }, (handle) =>
      this.#native.describe(path, handle),
    );
    return JSON.parse(described) as Described;
  }

  /**
   * The members of a group, in the order of creation if the file stores it, otherwise by name.
   *
   * @param path - default the root
   * @throws LapicqueError `unknown-name`, `invalid-parameter` for a dataset, `malformed-file`, `unsupported` for a link to another file, `aborted`
   */
  async members(path = '/', options: Pick<TaskOptions, 'signal'> = {}): Promise<readonly Hdf5Entry[]> {
    const { kind, members } = await this.#describe(path, checkRead('members', options, ['signal']).signal);
    return kind === 'group' ? members : invalid('path', path, 'a group');
  }

  /**
   * The kind of the object at a path; `undefined` if there is none.
   *
   * @throws LapicqueError `malformed-file`; `unsupported` for a link to another file, or a type, filter or layout that cannot be read; `aborted`
   */
  async kind(path: string, options: Pick<TaskOptions, 'signal'> = {}): Promise<Hdf5Kind | undefined> {
    try {
      return (await this.#describe(path, checkRead('kind', options, ['signal']).signal)).kind;
    } catch (error) {
      if (error instanceof LapicqueError && error.code === 'unknown-name') return undefined;
      throw error;
    }
  }

  /**
   * Opens a dataset without reading its elements.
   *
   * @throws LapicqueError `unknown-name`; `invalid-parameter` for a group; `malformed-file`; `unsupported` for a link to another file, data in other files,
   * a virtual dataset, or a type; `aborted`
   */
  async dataset(path: string, options: Pick<TaskOptions, 'signal'> = {}): Promise<Hdf5Dataset> {
    const described = await this.#describe(path, checkRead('dataset', options, ['signal']).signal);
    if (described.kind !== 'dataset') invalid('path', path, 'a dataset');
    return new Hdf5Dataset(this.#native, path, described);
  }

  /**
   * Reads the elements of a dataset, all or a part. @throws LapicqueError as {@link Hdf5File.dataset} and {@link
   * Hdf5Dataset.read}
   */
  async read(path: string, options: Hdf5SliceOptions = {}): Promise<Hdf5Data> {
    const { signal } = checkRead('read', options, [...readOptions, 'start', 'count']);
    const dataset = await this.dataset(path, { ...(signal === undefined ? {} : { signal }) });
    return dataset.read(options);
  }

  /**
   * The attributes of a group or dataset, by name.
   *
   * @param path - default the root
   * @throws LapicqueError `unknown-name`, `malformed-file`, `unsupported` for a type, `too-large`, `aborted`
   */
  async attributes(path = '/', options: Hdf5ReadOptions = {}): Promise<ReadonlyMap<string, Hdf5Data>> {
    const { signal, int64 } = checkRead('attributes', options, readOptions);
    if (typeof path !== 'string') invalid('path', path, 'the path of an object in the file');
    const native = await task({ ...(signal === undefined ? {} : { signal }) }, (handle) =>
      this.#native.attributes(path, handle),
    );
    const all = await dataOf(native, int64, new Yielder(signal));
    return new Map(all.map(({ name, shape, type, values }) => [name, { shape, type, values }]));
  }

  /** Size of the file in bytes. */
  get size(): number {
    return unwrap(this.#native.held());
  }

  /** Closes the file. Further calls have no effect. */
  close(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Opens an HDF5 file of any version of the format. Only requested data are read, in pieces, off the event loop.
 * Supported filters: deflate, shuffle, fletcher32, szip, n-bit, scale-offset, LZF, LZ4, Zstandard, bitshuffle, Blosc
 * (without Snappy) and Prophesee's ECF. The error for any other filter contains its name. Links to other files are not
 * followed.
 *
 * @param source - a path or a `file:` URL, which is read on demand; or the bytes of a file, or a stream of them, which
 * are kept in memory
 * @param options - `limits`: the memory of a single read; data count twice while they are decompressed and copied
 * @throws LapicqueError `io`, `malformed-file`, `unsupported`, `too-large` for a stream, `aborted`
 * @example
 * ```ts
 * using file = await openHdf5('shd_train.h5');
 * const times = await file.dataset('spikes/times');
 * const { values } = await times.read({ start: [100], count: [32] });
 * ```
 */
export async function openHdf5(source: FileSource, options: LoadOptions = {}): Promise<Hdf5File> {
  const { limits, ...rest } = checkOptions('openHdf5', options, loadOptions);
  checkTask(rest);
  const limit = limitOf(limits);
  const from = await opened('source', source, options);
  const [path, bytes] = 'path' in from ? [text('source', from.path), undefined] : [undefined, from.bytes];
  const native = await task(rest, (handle) => addon.openHdf5(path, bytes, limit, handle));
  return new Hdf5File(native);
}
