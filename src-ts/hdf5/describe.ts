/** Data to be written: values with their types, groups, attributes. */
import { attached, options as checkOptions, describe, integer, invalid } from '../checks/check.ts';
import { elementCount } from '../checks/tensor.ts';
import { isPlainObject } from '../checks/typed.ts';
import { arrayKinds, type Hdf5Type, typeOfArray } from './types.ts';

/** Arrays of numbers that can be written; they may be views of shared memory. */
export type Hdf5Source =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** The values of a dataset or an attribute. In an object of arrays, each array is a member of a compound type. */
export type Hdf5Writable =
  | number
  | bigint
  | string
  | boolean
  | readonly number[]
  | readonly string[]
  | readonly boolean[]
  | Hdf5Source
  | readonly Hdf5Source[]
  | { readonly [member: string]: Hdf5Writable };

/** Options of {@link hdf5Dataset}. */
export interface Hdf5DatasetOptions {
  /**
   * Lengths of the axes in C order; default the shape of the values, `[]` for a single value.
   */
  shape?: readonly number[];
  /**
   * The element type. Default by the values: the kind of the array, `float64` for numbers, `string`, `bool`, `int64`
   * for a `bigint`.
   */
  type?: Hdf5Type;
  /**
   * The shape of a chunk; default about 256 KiB if the data are compressed, otherwise none: the elements are
   * contiguous.
   */
  chunks?: readonly number[];
  /** Compresses chunks with deflate (h5py's gzip) at a level from 0 to 9; `true` is 4. Default no compression. */
  deflate?: boolean | number;
  /**
   * Reorders the bytes of a chunk by their position in the element (the shuffle filter), which makes numbers more
   * compressible. Default with `deflate`.
   */
  shuffle?: boolean;
  /** Attributes by name. */
  attributes?: Readonly<Record<string, Hdf5Writable | Hdf5DatasetSpec>>;
}

/** A dataset to be written, made by {@link hdf5Dataset}. */
export class Hdf5DatasetSpec {
  readonly values: Hdf5Writable;
  readonly options: Hdf5DatasetOptions;

  /** @internal */
  constructor(values: Hdf5Writable, options: Hdf5DatasetOptions) {
    this.values = values;
    this.options = options;
  }
}

/** A group to be written, made by {@link hdf5Group}. */
export class Hdf5GroupSpec {
  readonly members: Hdf5Tree;
  readonly attributes: Readonly<Record<string, Hdf5Writable | Hdf5DatasetSpec>>;

  /** @internal */
  constructor(members: Hdf5Tree, attributes: Readonly<Record<string, Hdf5Writable | Hdf5DatasetSpec>>) {
    this.members = members;
    this.attributes = attributes;
  }
}

/** The members of a group by name: values, which become datasets, and groups. */
export interface Hdf5Tree {
  readonly [name: string]: Hdf5Node;
}

/** A member of a group to be written. */
export type Hdf5Node =
  | number
  | bigint
  | string
  | boolean
  | readonly number[]
  | readonly string[]
  | readonly boolean[]
  | Hdf5Source
  | readonly Hdf5Source[]
  | Hdf5DatasetSpec
  | Hdf5GroupSpec
  | Hdf5Tree
  | ReadonlyMap<string, Hdf5Node>;

const datasetOptions = ['shape', 'type', 'chunks', 'deflate', 'shuffle', 'attributes'] as const;

/**
 * Values with a shape, a type, chunks or attributes, as a member of a group that {@link writeHdf5} writes. An object of
 * arrays is a compound type with one array per member. An array of typed arrays contains rows of different lengths.
 *
 * @example
 * ```ts
 * hdf5Dataset(weights, { shape: [10, 784], deflate: true });
 * hdf5Dataset({ x, y, t }); // a compound type
 * hdf5Dataset([times0, times1]); // rows
 * ```
 */
export function hdf5Dataset(values: Hdf5Writable, options: Hdf5DatasetOptions = {}): Hdf5DatasetSpec {
  return new Hdf5DatasetSpec(values, checkOptions('hdf5Dataset', options, datasetOptions));
}

/**
 * A group with attributes, as a member of another group or as the root. Without attributes, an object of members is
 * enough.
 */
export function hdf5Group(
  members: Hdf5Tree,
  attributes: Readonly<Record<string, Hdf5Writable | Hdf5DatasetSpec>> = {},
): Hdf5GroupSpec {
  return new Hdf5GroupSpec(members, attributes);
}

/** Values in the form that the engine accepts. */
export interface Encoded {
  readonly type: Hdf5Type;
  readonly shape: readonly number[];
  /** For numbers: the bytes of all elements, or of each member. */
  readonly columns: readonly Uint8Array[];
  readonly texts?: readonly string[];
  readonly lengths?: Uint32Array;
}

function bytesOf(array: Hdf5Source): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

const scalarTypes: Readonly<Record<string, Hdf5Type>> = {
  number: 'float64',
  bigint: 'int64',
  string: 'string',
  boolean: 'bool',
};

/** Converts the numbers of a list to a type. */
function numbersAs(path: string, list: ArrayLike<number | bigint | boolean>, type: Hdf5Type): Uint8Array {
  const name = typeof type === 'object' && 'enum' in type ? type.enum : type === 'bool' ? 'int8' : type;
  const kind = typeof name === 'string' ? arrayKinds[name] : undefined;
  if (kind === undefined) return invalid(path, describe(list), `values of the type ${JSON.stringify(type)}`);
  const isBig = name === 'int64' || name === 'uint64';
  const array = new kind(new ArrayBuffer(list.length * kind.BYTES_PER_ELEMENT)) as unknown as (
    | number
    | bigint
  )[];
  for (let i = 0; i < list.length; i++) {
    const value = list[i]!;
    if (isBig && typeof value === 'number' && !Number.isSafeInteger(value))
      invalid(path, value, 'an integer');
    array[i] = isBig ? BigInt(value) : Number(value);
    // A number outside the range of the type would wrap around.
    const isWhole = !String(name).startsWith('float');
    if (isWhole && array[i] !== (isBig ? BigInt(value) : Number(value)))
      invalid(path, String(value), `numbers in the range of ${name}`);
  }
  return bytesOf(array as unknown as Hdf5Source);
}

/** @throws LapicqueError `invalid-parameter`, `shape-mismatch` */
export function encoded(path: string, values: Hdf5Writable, options: Hdf5DatasetOptions = {}): Encoded {
  const { type, shape } = options;
  const own = ownType(path, values);
  const of = type ?? own.type;
  const lengths = shape ?? own.shape;
  if (!Array.isArray(lengths)) invalid(`${path}: shape`, lengths, 'an array of lengths');
  for (const [axis, length] of lengths.entries()) integer(`${path}: shape[${axis}]`, length, { min: 0 });
  const inner = typeof of === 'object' && 'array' in of ? elementCount(of.shape) : 1;
  if (elementCount(lengths) * inner !== own.count)
    invalid(
      `${path}: shape`,
      `[${lengths.join(', ')}]`,
      `a product equal to the number of values, ${own.count / inner}`,
    );
  return { type: of, shape: lengths, ...parts(path, values, of, own.type) };
}

/** The type of values from their JavaScript type, and their count. */
function ownType(path: string, values: Hdf5Writable): { type: Hdf5Type; shape: number[]; count: number } {
  const scalar = scalarTypes[typeof values];
  if (scalar !== undefined) return { type: scalar, shape: [], count: 1 };
  const kind = typeOfArray(values);
  if (kind !== undefined) {
    attached(path, values);
    const { length } = values as Hdf5Source;
    const declared = (values as { shape?: unknown }).shape;
    const shape =
      Array.isArray(declared) && elementCount(declared) === length ? (declared as number[]) : [length];
    return { type: kind, shape, count: length };
  }
  if (Array.isArray(values)) {
    const list = values as readonly unknown[];
    const row = typeOfArray(list[0]);
    if (row !== undefined) {
      if (!list.every((one) => typeOfArray(one) === row))
        invalid(path, values, 'sequences that are typed arrays of one kind');
      for (const [i, one] of list.entries()) attached(`${path}[${i}]`, one);
      return { type: { rows: row }, shape: [list.length], count: list.length };
    }
    const element = list.length === 0 ? 'float64' : scalarTypes[typeof list[0]];
    if (element === undefined || !list.every((one) => typeof one === typeof list[0]))
      invalid(path, values, 'numbers, texts, booleans or typed arrays, all of one kind');
    return { type: element, shape: [list.length], count: list.length };
  }
  if (!isPlainObject(values)) return invalid(path, values, 'a value, an array or an object of arrays');
  const members = Object.entries(values).map(([name, value]) => ({
    name,
    own: ownType(`${path}.${name}`, value),
  }));
  const [first] = members;
  if (first === undefined || !members.every(({ own }) => own.count === first.own.count))
    invalid(path, values, 'an object of arrays of one length');
  return {
    type: { compound: members.map(({ name, own }) => ({ name, type: own.type })) },
    shape: [first.own.count],
    count: first.own.count,
  };
}

function parts(
  path: string,
  values: Hdf5Writable,
  type: Hdf5Type,
  own: Hdf5Type,
): Omit<Encoded, 'type' | 'shape'> {
  if (type === 'string' || (typeof type === 'object' && 'string' in type)) {
    const texts = typeof values === 'string' ? [values] : values;
    if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string'))
      invalid(path, values, 'texts');
    return { columns: [], texts: texts as string[] };
  }
  if (typeof type === 'object' && 'rows' in type) {
    const rows = values as readonly Hdf5Source[];
    if (!Array.isArray(rows) || !rows.every((row) => typeOfArray(row) === type.rows))
      invalid(path, values, `typed arrays of ${JSON.stringify(type.rows)}`);
    const lengths = Uint32Array.from(rows, (row) => row.length);
    const all = new Uint8Array(rows.reduce((sum, row) => sum + row.byteLength, 0));
    let at = 0;
    for (const row of rows) {
      all.set(bytesOf(row), at);
      at += row.byteLength;
    }
    return { columns: [all], lengths };
  }
  if (typeof type === 'object' && 'compound' in type) {
    const columns = type.compound.map(({ name, type: of }) => {
      const member = (values as Record<string, Hdf5Writable>)[name];
      if (member === undefined) return invalid(path, values, `values of the member ${name}`);
      const at = `${path}.${name}`;
      const { columns: own, texts } = parts(at, member, of, ownType(at, member).type);
      if (texts !== undefined) return fixed(at, texts, of);
      return own.length === 1 ? own[0]! : invalid(at, member, 'numbers or texts of fixed length');
    });
    return { columns };
  }
  const element = typeof type === 'object' && 'array' in type ? type.array : type;
  if (own === element) {
    if (ArrayBuffer.isView(values)) return { columns: [bytesOf(values as Hdf5Source)] };
  }
  const list = typeof values === 'object' ? values : [values];
  return { columns: [numbersAs(path, list as ArrayLike<number>, element)] };
}

/** Strings of one length in bytes, padded with zeros. */
function fixed(path: string, texts: readonly string[], type: Hdf5Type): Uint8Array {
  const size = typeof type === 'object' && 'string' in type ? type.string : 0;
  if (size === 0)
    return invalid(path, texts, 'texts of fixed length ({ string: bytes }) within a compound type');
  const all = new Uint8Array(texts.length * size);
  for (const [i, text] of texts.entries()) {
    const bytes = Buffer.from(text);
    if (bytes.length > size) invalid(path, text, `texts of at most ${size} bytes`);
    all.set(bytes, i * size);
  }
  return all;
}
