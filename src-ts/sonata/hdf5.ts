/** The HDF5 files of SONATA: groups of tables of one number or text a node, edge or spike. */
import { LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { Yielder } from '../engine/yielder.ts';
import { Allowance } from '../files/limits.ts';
import { type Hdf5File, openHdf5 } from '../hdf5/file.ts';
import type { Hdf5Data, Hdf5Values } from '../hdf5/types.ts';

/** A dataset: whole numbers and floats alike as doubles, or text. */
interface Table {
  readonly values: Float64Array | readonly string[];
  /** In its shape, row by row. */
  readonly axes: number;
  /** Attributes that are text. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Datasets by their paths, `nodes/V1/node_type_id`. */
export type Hdf5 = ReadonlyMap<string, Table>;

/** Groups within groups that a file may have. */
const maxDepth = 32;

/** About what V8 takes for a text beside its characters. */
const textBytes = 64;

/**
 * The datasets of some of a file's groups, without those of groups that are called `indices`.
 *
 * @param limit - bytes that the content may take
 * @throws LapicqueError `io`, `malformed-file`, `too-large`, `unsupported` for a filter, a type or a link to another file, `aborted`
 */
export async function readHdf5(
  path: string,
  groups: readonly string[],
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Hdf5> {
  throwIfAborted(signal);
  const task = signal === undefined ? {} : { signal };
  let file: Hdf5File | undefined;
  try {
    file = await openHdf5(path, { limits: { bytes: limit }, ...task });
    return await new Reader(path, file, groups, new Allowance(limit, file.size), task).tables();
  } catch (error) {
    throw named(path, error);
  } finally {
    // Not by `using`: contexts of `node:vm` have no `Symbol.dispose`.
    file?.close();
  }
}

/** Adds the name of the file to an error. */
export function named(path: string, error: unknown): unknown {
  if (!(error instanceof LapicqueError)) return error;
  if (error.code === 'unsupported')
    return new LapicqueError(
      'unsupported',
      { feature: `${error.feature} of ${path}`, format: error.format },
      { cause: error },
    );
  if (error.code !== 'malformed-file' || error.reason.startsWith(path)) return error;
  const { format, offset, reason } = error;
  return new LapicqueError(
    'malformed-file',
    { format, offset, reason: `${path}: ${reason}` },
    { cause: error },
  );
}

/** Reads the tables of a file, as far as they may go. */
class Reader {
  readonly #path: string;
  readonly #file: Hdf5File;
  readonly #groups: readonly string[];
  readonly #allowance: Allowance;
  readonly #task: { readonly signal?: AbortSignal };
  readonly #yielder: Yielder;
  readonly #tables = new Map<string, Table>();
  /** A file may have links to what is above, and many to one. */
  #seen = 0;

  constructor(
    path: string,
    file: Hdf5File,
    groups: readonly string[],
    allowance: Allowance,
    task: { readonly signal?: AbortSignal },
  ) {
    this.#path = path;
    this.#file = file;
    this.#groups = groups;
    this.#allowance = allowance;
    this.#task = task;
    this.#yielder = new Yielder(task.signal);
    allowance.take(`${path}: the file`, file.size);
  }

  async tables(): Promise<Hdf5> {
    await this.#walk('', 0);
    return this.#tables;
  }

  #malformed(reason: string): Error {
    return new LapicqueError('malformed-file', {
      format: 'HDF5',
      offset: 0,
      reason: `${this.#path}: ${reason}`,
    });
  }

  async #walk(group: string, depth: number): Promise<void> {
    if (depth > maxDepth) throw this.#malformed(`${group} has endlessly nested groups`);
    for (const { name, kind } of await this.#file.members(group, this.#task)) {
      this.#seen += 1;
      if (this.#seen > 1000 + this.#file.size / 16)
        throw this.#malformed(`${group} has more links than the file can hold`);
      // Only an order of the same synapses, and as large.
      if (name === 'indices' || (depth === 0 && !this.#groups.includes(name))) continue;
      const at = group === '' ? name : `${group}/${name}`;
      if (kind === 'dangling-link') throw this.#malformed(`the link ${at} leads nowhere`);
      if (kind === 'group') await this.#walk(at, depth + 1);
      else if (kind !== 'type') this.#tables.set(at, await this.#table(at));
    }
  }

  async #table(at: string): Promise<Table> {
    const dataset = await this.#file.dataset(at, this.#task);
    const count = (dataset.shape ?? [0]).reduce((product, n) => product * n, 1);
    // As it is read, and as doubles.
    this.#allowance.take(`${this.#path}: ${at}`, count * (dataset.type === 'string' ? textBytes : 16));
    const { values, shape } = await dataset.read(this.#task);
    const attributes = await this.#file.attributes(at, this.#task);
    const text = [...attributes].flatMap(([name, data]) => textOf(name, data));
    return {
      values: await this.#plain(at, values),
      axes: shape?.length ?? 0,
      attributes: Object.fromEntries(text),
    };
  }

  async #plain(at: string, values: Hdf5Values): Promise<Float64Array | readonly string[]> {
    if (values instanceof Float64Array) return values;
    if (ArrayBuffer.isView(values)) {
      const numbers = values as ArrayLike<number | bigint>;
      return this.#yielder.filled(new Float64Array(numbers.length), (i) => Number(numbers[i]));
    }
    if (Array.isArray(values) && values.every((value) => typeof value === 'string'))
      return values as readonly string[];
    throw this.#malformed(`${at} has neither numbers nor text`);
  }
}

function textOf(name: string, { values }: Hdf5Data): [string, string][] {
  const [text] = Array.isArray(values) ? (values as readonly unknown[]) : [];
  return Array.isArray(values) && values.length === 1 && typeof text === 'string' ? [[name, text]] : [];
}

/** The populations that a group of a file has. */
export function populationsOf(tables: Hdf5, group: string): string[] {
  const names = [...tables.keys()].filter((at) => at.startsWith(`${group}/`)).map((at) => at.split('/')[1]!);
  return [...new Set(names)];
}
