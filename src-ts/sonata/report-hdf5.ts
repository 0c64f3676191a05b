/** An HDF5 file of SONATA's output: its datasets with their sizes and values checked, named in every error. */
import { filePath } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { Yielder } from '../engine/yielder.ts';
import type { FileSource, LoadOptions } from '../files/file-source.ts';
import { Allowance, limitOf } from '../files/limits.ts';
import { type Hdf5Dataset, type Hdf5File, type Hdf5Kind, openHdf5 } from '../hdf5/file.ts';
import type { Hdf5Data, Hdf5Number, Hdf5Type } from '../hdf5/types.ts';
import { named } from './hdf5.ts';
import { malformed } from './json.ts';

/** Units of time, in ms. */
const timeUnits: Readonly<Record<string, number>> = {
  ms: 1,
  msec: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  seconds: 1000,
  us: 1e-3,
  microsecond: 1e-3,
  microseconds: 1e-3,
};

/** Bytes that a number takes as it is read; as a double it takes 8 more. */
const readBytes: Readonly<Record<Hdf5Number, number>> = {
  ...{ int8: 1, uint8: 1, int16: 2, uint16: 2, int32: 4, uint32: 4, int64: 8, uint64: 8 },
  ...{ float16: 4, float32: 4, float64: 0 },
};

/**
 * Opens a file, does something with it and closes it.
 *
 * @throws LapicqueError `io`, `malformed-file`, `too-large`, `unsupported`, `aborted`
 */
export async function withReportFile<T>(
  source: FileSource,
  { signal, limits }: Pick<LoadOptions, 'signal' | 'limits'>,
  work: (file: ReportFile) => Promise<T>,
): Promise<T> {
  const limit = limitOf(limits);
  const isPath = typeof source === 'string' || source instanceof URL;
  const path = isPath ? filePath('source', source) : 'the given bytes';
  const task = signal === undefined ? {} : { signal };
  let file: Hdf5File | undefined;
  try {
    file = await openHdf5(source, { limits: { bytes: limit }, ...task });
    return await work(new ReportFile(path, file, new Allowance(limit, file.size), task));
  } catch (error) {
    throw named(path, error);
  } finally {
    // Not by `using`: contexts of `node:vm` have no `Symbol.dispose`.
    file?.close();
  }
}

export class ReportFile {
  readonly path: string;
  readonly yielder: Yielder;
  readonly #file: Hdf5File;
  readonly #allowance: Allowance;
  readonly #task: { readonly signal?: AbortSignal };

  constructor(path: string, file: Hdf5File, allowance: Allowance, task: { readonly signal?: AbortSignal }) {
    this.path = path;
    this.yielder = new Yielder(task.signal);
    this.#file = file;
    this.#allowance = allowance;
    this.#task = task;
  }

  error(reason: string): LapicqueError {
    return malformed(this.path, reason);
  }

  kind(at: string): Promise<Hdf5Kind | undefined> {
    return this.#file.kind(at, this.#task);
  }

  /** Names and kinds of a group's members. */
  async members(group: string): Promise<ReadonlyMap<string, Hdf5Kind>> {
    const all = await this.#file.members(group, this.#task);
    return new Map(all.map(({ name, kind }) => [name, kind]));
  }

  /** A dataset of numbers with this number of axes, whose elements are not read yet. */
  async dataset(at: string, axes: number): Promise<Hdf5Dataset> {
    const kind = await this.kind(at);
    if (kind !== 'dataset')
      throw this.error(kind === undefined ? `${at} is missing` : `${at} is not a dataset`);
    const dataset = await this.#file.dataset(at, this.#task);
    if (dataset.shape?.length !== axes)
      throw this.error(
        `${at} has ${dataset.shape?.length ?? 0} axes; expected ${axes} (shape [${dataset.shape ?? 'null'}])`,
      );
    if (typeof dataset.type !== 'string' || !Object.hasOwn(readBytes, dataset.type))
      throw this.error(`${at} has elements of the type ${JSON.stringify(dataset.type)}; expected numbers`);
    return dataset;
  }

  /** Counts numbers that memory is going to be taken for. @throws LapicqueError `too-large` */
  take(at: string, count: number, bytes = 8): void {
    this.#allowance.take(`${this.path}: ${at}`, bytes * count);
  }

  /** Numbers of a dataset, all or a part, as doubles. */
  async numbers(dataset: Hdf5Dataset, start?: readonly number[], count?: readonly number[]) {
    const shape = count ?? dataset.shape ?? [];
    const size = shape.reduce((product, n) => product * n, 1);
    this.take(dataset.path, size, 8 + readBytes[dataset.type as Hdf5Number]);
    const { values } = await dataset.read({
      ...this.#task,
      int64: 'number',
      ...(start === undefined ? {} : { start }),
      ...(count === undefined ? {} : { count }),
    });
    if (values instanceof Float64Array) return values;
    const list = values as unknown as ArrayLike<number>;
    return this.yielder.filled(new Float64Array(list.length), (i) => list[i]!);
  }

  /** All numbers of a dataset with one axis. */
  async list(at: string): Promise<Float64Array> {
    return this.numbers(await this.dataset(at, 1));
  }

  /** Whole numbers from 0 on. */
  async wholes(at: string): Promise<Float64Array> {
    const values = await this.list(at);
    await this.yielder.each(values.length, (i) => {
      if (!Number.isSafeInteger(values[i]) || values[i]! < 0)
        throw this.error(`${at}[${i}] is ${values[i]}; expected a whole number of at least 0`);
    });
    return values;
  }

  /** Numbers that are neither NaN nor infinite. */
  async finites(at: string): Promise<Float64Array> {
    const values = await this.list(at);
    await this.yielder.each(values.length, (i) => {
      if (!Number.isFinite(values[i]))
        throw this.error(`${at}[${i}] is ${values[i]}; expected a finite number`);
    });
    return values;
  }

  attributes(at: string): Promise<ReadonlyMap<string, Hdf5Data>> {
    return this.#file.attributes(at, this.#task);
  }

  /** ms of one unit of a dataset's times: what its attribute `units` says, or 1 with a warning. */
  async unitOfTime(at: string, warnings: string[]): Promise<number> {
    const units = textOf((await this.attributes(at)).get('units'));
    if (units === undefined) {
      warnings.push(`${at} has no attribute units: ms are assumed`);
      return 1;
    }
    const ms = Object.hasOwn(timeUnits, units) ? timeUnits[units] : undefined;
    if (ms === undefined)
      throw new LapicqueError('unsupported', {
        feature: `times of ${at} in ${JSON.stringify(units.slice(0, 60))} (${this.path}); expected ms, s or us`,
        format: 'SONATA',
      });
    return ms;
  }
}

/** The text of an attribute; a number of an enumeration is its name. */
export function textOf(data: Hdf5Data | undefined): string | undefined {
  if (data === undefined) return undefined;
  const { values, type } = data;
  if (!('length' in values) || (values as ArrayLike<unknown>).length !== 1) return undefined;
  const [value] = values as unknown as readonly unknown[];
  if (typeof value === 'string') return value;
  return nameOf(type, value);
}

function nameOf(type: Hdf5Type, value: unknown): string | undefined {
  if (typeof type !== 'object' || !('enum' in type)) return undefined;
  return Object.entries(type.names).find(([, number]) => Number(number) === Number(value))?.[0];
}
