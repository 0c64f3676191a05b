/** Writing HDF5 files, at once or as a stream. */
import { options as checkOptions, filePath, integer, invalid } from '../checks/check.ts';
import { isPlainObject } from '../checks/typed.ts';
import { addon, checkTask, task, unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { Yielder } from '../engine/yielder.ts';
import { bytesToArray, type FileTarget, isStreamTarget, pieceBytes, pipe } from '../files/file-source.ts';
import {
  type Encoded,
  encoded,
  type Hdf5DatasetOptions,
  Hdf5DatasetSpec,
  Hdf5GroupSpec,
  type Hdf5Node,
  type Hdf5Tree,
  type Hdf5Writable,
  hdf5Dataset,
} from './describe.ts';
import { type Hdf5Type, typeOfArray } from './types.ts';

type NativeWriter = InstanceType<typeof addon.NativeHdf5Writer>;
type NativeBytes = InstanceType<typeof addon.NativeBytes>;

/** Maximum number of groups that contain a group. */
const maxDepth = 512;

/** Default size of a chunk in bytes. */
const defaultChunk = 2 ** 18;

/** Bytes of an element, for types that have default chunks. */
function sizeOf(type: Hdf5Type): number {
  if (typeof type === 'string')
    return type === 'string' ? 16 : type === 'bool' ? 1 : Number(/\d+$/.exec(type)?.[0] ?? 64) / 8;
  if ('string' in type) return type.string;
  if ('rows' in type) return 16;
  if ('array' in type) return sizeOf(type.array) * type.shape.reduce((product, n) => product * n, 1);
  if ('enum' in type) return sizeOf(type.enum);
  if ('compound' in type)
    return type.size ?? type.compound.reduce((sum, member) => sum + sizeOf(member.type), 0);
  return type.opaque;
}

/** Halves the longest axis until a chunk is small enough. */
function chunksFor(shape: readonly number[], type: Hdf5Type): number[] {
  const chunk = shape.map((length) => Math.max(1, length));
  const bytes = () => chunk.reduce((product, n) => product * n, sizeOf(type));
  while (bytes() > defaultChunk && Math.max(...chunk) > 1) {
    const axis = chunk.indexOf(Math.max(...chunk));
    chunk[axis] = Math.ceil(chunk[axis]! / 2);
  }
  return chunk;
}

/** Options of a dataset whose elements arrive over time. */
export interface Hdf5StreamOptions extends Pick<Hdf5DatasetOptions, 'deflate' | 'shuffle'> {
  /** The element type. */
  type: Hdf5Type;
  /** The shape of a chunk; the first axis is the one that grows. Default about 256 KiB. */
  chunks?: readonly number[];
  /** Lengths of the axes after the first; default none. */
  row?: readonly number[];
  /** Compresses events with Prophesee's ECF; for records of 16 bytes. Default no compression. */
  ecf?: boolean;
}

/** A dataset that grows. */
export interface Hdf5Appender {
  /** Appends whole rows of elements, in any form that {@link hdf5Dataset} accepts. */
  append(values: Hdf5Writable): Promise<void>;
}

/**
 * Writes one HDF5 file piece by piece: one group, dataset or attribute at a time. Memory holds one row of chunks per
 * dataset. The file appears at its path only when {@link Hdf5Writer.close} has succeeded. Made by {@link createHdf5}.
 */
export class Hdf5Writer {
  readonly #native: NativeWriter;
  #last: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(native: NativeWriter) {
    this.#native = native;
  }

  /** Runs calls one after the other, in their order. */
  #then<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => {});
    return next;
  }

  /** Adds a group and its parents; an existing group is kept. */
  group(path: string): Promise<void> {
    return this.#then(async () => unwrap(this.#native.group(pathOf(path))));
  }

  /** Adds an attribute to a group or to an existing dataset; at most 64 KiB. `''` is the root. */
  attribute(path: string, name: string, value: Hdf5Writable | Hdf5DatasetSpec): Promise<void> {
    const spec = value instanceof Hdf5DatasetSpec ? value : hdf5Dataset(value);
    return this.#then(async () => this.#attributeNow(path, name, spec));
  }

  /** A dataset with all its elements. */
  dataset(path: string, values: Hdf5Writable, options: Hdf5DatasetOptions = {}): Promise<void> {
    const { values: all, options: chosen } = hdf5Dataset(values, options);
    return this.#then(() => this.#dataset(pathOf(path), all, chosen, {}));
  }

  /** @internal */
  async #dataset(
    path: string,
    values: Hdf5Writable,
    options: Hdf5DatasetOptions,
    given: TaskOptions,
  ): Promise<void> {
    const parts = encoded(path, values, options);
    const { type, shape } = parts;
    const deflate = levelOf(path, options.deflate);
    const { shuffle = deflate !== undefined, attributes = {} } = options;
    const isPacked = deflate !== undefined || options.chunks !== undefined;
    const chunks = isPacked && shape.length > 0 ? (options.chunks ?? chunksFor(shape, type)) : undefined;
    const packed = chunks === undefined ? {} : { chunks, deflate, shuffle: shuffle && type !== 'string' };
    const id = unwrap(this.#native.dataset(path, JSON.stringify({ type, shape, ...packed })));
    await this.#append(id, path, parts, given);
    for (const [name, value] of Object.entries(attributes)) {
      const spec = value instanceof Hdf5DatasetSpec ? value : hdf5Dataset(value);
      this.#attributeNow(path, name, spec);
    }
  }

  #attributeNow(path: string, name: string, spec: Hdf5DatasetSpec): void {
    const at = `${path}: attribute ${name}`;
    const { type, shape, columns, texts, lengths } = encoded(at, spec.values, spec.options);
    if (texts !== undefined && type === 'string') {
      unwrap(this.#native.textAttribute(path, name, [...shape], [...texts]));
      return;
    }
    if (lengths !== undefined || texts !== undefined || columns.length !== 1)
      invalid(at, spec.values, 'numbers, texts or booleans');
    unwrap(this.#native.attribute(path, name, JSON.stringify(type), [...shape], columns[0]!));
  }

  /** Adds a dataset whose elements are appended later along its first axis. */
  async stream(path: string, options: Hdf5StreamOptions): Promise<Hdf5Appender> {
    const known = ['type', 'chunks', 'row', 'deflate', 'shuffle', 'ecf'] as const;
    const { type, row = [], ecf = false, ...rest } = checkOptions('stream', options, known);
    const at = pathOf(path);
    const deflate = levelOf(at, rest.deflate);
    const { shuffle = deflate !== undefined } = rest;
    const chunks = rest.chunks ?? chunksFor([defaultChunk, ...row], type);
    const spec = { type, shape: [0, ...row], chunks, shuffle: shuffle && type !== 'string', ecf };
    const id = await this.#then(async () =>
      unwrap(
        this.#native.dataset(at, JSON.stringify({ ...spec, ...(deflate === undefined ? {} : { deflate }) })),
      ),
    );
    return {
      append: (values) =>
        this.#then(async () => {
          const count = lengthOf(values) / row.reduce((product, n) => product * n, 1);
          await this.#append(id, at, encoded(at, values, { type, shape: [count, ...row] }), {});
        }),
    };
  }

  async #append(id: number, path: string, parts: Encoded, options: TaskOptions): Promise<void> {
    const { columns, texts, lengths, type, shape } = parts;
    if (texts !== undefined) {
      await task(options, (handle) => this.#native.appendTexts(id, [...texts], handle));
      return;
    }
    const [all] = columns;
    const rowSize = shape.slice(1).reduce((product, n) => product * n, 1);
    const row = shape.length === 0 ? 0 : sizeOf(type) * rowSize;
    if (lengths !== undefined || columns.length > 1 || row === 0 || all!.byteLength <= pieceBytes) {
      await task(options, (handle) => this.#native.append(id, [...columns], lengths, handle));
      return;
    }
    // In pieces of whole rows, because a large copy at once would block the event loop.
    const piece = Math.max(1, Math.floor(pieceBytes / row)) * row;
    for (let from = 0; from < all!.byteLength; from += piece)
      await task(options, (handle) =>
        this.#native.append(id, [all!.subarray(from, from + piece)], undefined, handle),
      );
    if (all!.byteLength % row !== 0) invalid(path, all, 'whole rows');
  }

  /** Writes a group with all its members. @internal */
  async tree(
    path: string,
    group: Hdf5Tree | Hdf5GroupSpec | ReadonlyMap<string, Hdf5Node>,
    options: TaskOptions,
    depth = 0,
    yielder = new Yielder(options.signal),
  ): Promise<void> {
    const { members, attributes } =
      group instanceof Hdf5GroupSpec ? group : { members: group, attributes: {} };
    const here = path === '' ? 'the root' : path;
    if (depth > maxDepth) invalid(here, members, `groups in at most ${maxDepth} others`);
    if (!(members instanceof Map) && !isPlainObject(members))
      invalid(here, members, 'a group: an object of members, a Map or the result of hdf5Group');
    unwrap(this.#native.group(path));
    const entries = members instanceof Map ? [...members] : Object.entries(members as Hdf5Tree);
    for (const [name, node] of entries as [string, Hdf5Node][]) {
      const at = path === '' ? name : `${path}/${name}`;
      if (yielder.isDue) await yielder.yieldNow();
      if (typeof name !== 'string' || name === '' || name.includes('/'))
        invalid('name', name, 'a name without /');
      if (node instanceof Hdf5DatasetSpec) await this.#dataset(at, node.values, node.options, options);
      else if (isGroup(node)) await this.tree(at, node, options, depth + 1, yielder);
      else if (typeof node === 'object' && !Array.isArray(node) && typeOfArray(node) === undefined)
        invalid(at, node, 'a group (an object of members or a Map) or a dataset (values or arrays)');
      else await this.#dataset(at, node as Hdf5Writable, {}, options);
    }
    if (!isPlainObject(attributes)) invalid(`${here}: attributes`, attributes, 'an object of attributes');
    for (const [name, value] of Object.entries(attributes))
      this.#attributeNow(path, name, value instanceof Hdf5DatasetSpec ? value : hdf5Dataset(value));
  }

  /** Completes the file. Without a path, returns its bytes. @internal */
  finish(options: TaskOptions = {}): Promise<NativeBytes | null> {
    return this.#then(() => task(options, (handle) => this.#native.finish(handle)));
  }

  /**
   * Completes the file and moves it to its path. @throws LapicqueError `io`, and the error of an earlier call that was
   * not awaited
   */
  async close(): Promise<void> {
    await this.finish();
  }

  /** Discards the file. After `close` it has no effect. */
  abort(): void {
    unwrap(this.#native.dispose());
  }

  [Symbol.dispose](): void {
    this.abort();
  }
}

function isGroup(node: Hdf5Node): node is Hdf5Tree | Hdf5GroupSpec | ReadonlyMap<string, Hdf5Node> {
  return node instanceof Hdf5GroupSpec || node instanceof Map || isPlainObject(node);
}

function lengthOf(values: Hdf5Writable): number {
  if (typeof values !== 'object') return 1;
  if (Array.isArray(values) || ArrayBuffer.isView(values)) return (values as ArrayLike<unknown>).length;
  return lengthOf(Object.values(values as Record<string, Hdf5Writable>)[0] ?? []);
}

function pathOf(path: unknown): string {
  if (typeof path !== 'string') invalid('path', path, 'a path in the file');
  return path;
}

function levelOf(path: string, deflate: boolean | number | undefined): number | undefined {
  if (deflate === undefined || deflate === false) return undefined;
  return deflate === true ? 4 : integer(`${path}: deflate`, deflate, { min: 0, max: 9 });
}

/**
 * Starts an HDF5 file that is written piece by piece; `writeHdf5` writes one at once.
 *
 * @param path - of the file, or a `file:` URL
 * @throws LapicqueError `io`
 * @example
 * ```ts
 * const file = await createHdf5('events.h5');
 * const t = await file.stream('events/t', { type: 'uint32', deflate: true });
 * for await (const batch of batches) await t.append(batch.t);
 * await file.close();
 * ```
 */
export async function createHdf5(path: string | URL): Promise<Hdf5Writer> {
  return new Hdf5Writer(unwrap(addon.writeHdf5(filePath('path', path))));
}

/**
 * Writes an HDF5 file: an object of groups (objects) and datasets (arrays, numbers, strings; {@link hdf5Dataset} for
 * shapes, types, compression and attributes). h5py and every HDF5 library since 1.8 can read it.
 *
 * @param target - a path or a `file:` URL, where the file is replaced as a whole or not at all, or a `WritableStream`
 * @throws LapicqueError `invalid-parameter`, `unsupported` for an attribute of more than 64 KiB, `io`, `aborted`
 * @example
 * ```ts
 * await writeHdf5('network.h5', {
 *   version: '1.0',
 *   layer: hdf5Group({ weight: hdf5Dataset(weights, { shape: [10, 784], deflate: true }), bias }, { type: 'Affine' }),
 * });
 * ```
 */
export async function writeHdf5(
  target: FileTarget,
  tree: Hdf5Tree | Hdf5GroupSpec,
  options: TaskOptions = {},
): Promise<void> {
  const given = checkTask(checkOptions('writeHdf5', options, ['signal', 'onProgress']));
  const stream = isStreamTarget('target', target) ? target : undefined;
  const path = stream === undefined ? filePath('target', target as string | URL) : undefined;
  const bytes = await written(path, tree, given);
  if (stream !== undefined && bytes !== null) await pipe(bytes, stream, given.signal);
}

/** The bytes of an HDF5 file, as {@link writeHdf5} writes it. @throws LapicqueError as {@link writeHdf5} */
export async function hdf5Bytes(
  tree: Hdf5Tree | Hdf5GroupSpec,
  options: TaskOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const given = checkTask(checkOptions('hdf5Bytes', options, ['signal', 'onProgress']));
  const bytes = await written(undefined, tree, given);
  return bytesToArray(bytes!, given.signal);
}

async function written(
  path: string | undefined,
  tree: Hdf5Tree | Hdf5GroupSpec,
  options: TaskOptions,
): Promise<NativeBytes | null> {
  if (typeof tree !== 'object' || tree === null || (!(tree instanceof Hdf5GroupSpec) && !isGroup(tree)))
    invalid('tree', tree, 'an object of datasets and groups by their names');
  const writer = new Hdf5Writer(unwrap(addon.writeHdf5(path)));
  try {
    await writer.tree('', tree, options);
    return await writer.finish(options);
  } finally {
    writer.abort();
  }
}
