/** Reads the datasets of NIR and NIRData files within the limits of memory, nodes and nesting. */
import { elementCount } from '../checks/tensor.ts';
import type { LoadOptions } from '../files/file-source.ts';
import { Allowance, limitOf } from '../files/limits.ts';
import type { Hdf5Dataset, Hdf5File, Hdf5Kind } from '../hdf5/file.ts';
import type { Hdf5Data, Hdf5Type } from '../hdf5/types.ts';
import { malformedNir } from './errors.ts';

/** Most levels of graphs within graphs. */
export const maxLevels = 64;
/** Most nodes of a file that is read or written: describing a network is recursive. */
export const maxNodes = 32_768;
/** The default memory limit in bytes: half of 64 MiB, since what is read is copied. */
const defaultLimit = 2 ** 25;

/** An open file with what reading it may still take. */
export class NirFile {
  readonly #file: Hdf5File;
  readonly #format: 'NIR' | 'NIRData';
  readonly #memory: Allowance;
  readonly #signal: AbortSignal | undefined;
  #nodesLeft = maxNodes;

  constructor(file: Hdf5File, format: 'NIR' | 'NIRData', { limits, signal }: LoadOptions) {
    this.#file = file;
    this.#format = format;
    this.#memory = new Allowance(limits === undefined ? defaultLimit : limitOf(limits), file.size);
    this.#signal = signal;
  }

  /** @throws LapicqueError `malformed-file` when the file has too many nodes */
  countNodes(count: number): void {
    this.#nodesLeft -= count;
    if (this.#nodesLeft < 0) throw malformedNir(`more than ${maxNodes} nodes`);
  }

  kind(path: string): Promise<Hdf5Kind | undefined> {
    return this.#file.kind(path, { signal: this.#signal });
  }

  /** The kinds of a group's members by name. */
  async members(path: string): Promise<Map<string, Hdf5Kind>> {
    const members = await this.#file.members(path, { signal: this.#signal });
    return new Map(members.map(({ name, kind }) => [name, kind]));
  }

  /** The first value of an attribute; `undefined` when the object has no such attribute. */
  async attribute(path: string, name: string): Promise<unknown> {
    const all = await this.#file.attributes(path, { signal: this.#signal });
    const values = all.get(name)?.values;
    return Array.isArray(values) || ArrayBuffer.isView(values)
      ? (values as ArrayLike<unknown>)[0]
      : undefined;
  }

  dataset(path: string): Promise<Hdf5Dataset> {
    return this.#file.dataset(path, { signal: this.#signal });
  }

  /** Reads a dataset after its size was counted. @throws LapicqueError `too-large` */
  read(dataset: Hdf5Dataset): Promise<Hdf5Data> {
    this.#memory.take(`the content of the ${this.#format} file`, 8 * elementCount(dataset.shape ?? []));
    return dataset.read({ signal: this.#signal, int64: 'number' });
  }
}

/** Numbers as floating-point numbers; `undefined` for texts and compound types. */
export function realsOf({ values }: Hdf5Data): Float32Array | Float64Array | undefined {
  if (!ArrayBuffer.isView(values)) return undefined;
  return values instanceof Float32Array || values instanceof Float64Array
    ? values
    : Float64Array.from(values as unknown as ArrayLike<number>, Number);
}

/** Whether a dataset has booleans, which h5py writes as an enumeration. */
export function isBoolean(type: Hdf5Type): boolean {
  return type === 'bool' || (typeof type === 'object' && 'enum' in type);
}
