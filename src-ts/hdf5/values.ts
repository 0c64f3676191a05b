/** Converts data that the engine has read to JavaScript values, with yields to the event loop. */
import { LapicqueError } from '../checks/errors.ts';
import { type addon, unwrap } from '../engine/native.ts';
import type { Yielder } from '../engine/yielder.ts';
import { pieceBytes } from '../files/file-source.ts';
import { newBytes } from '../files/source-bytes.ts';
import { arrayKinds, type Hdf5Array, type Hdf5Data, type Hdf5Type, type Hdf5Values } from './types.ts';

type NativeData = InstanceType<typeof addon.NativeHdf5Data>;

/** How 64-bit integers are returned: as `bigint`, or as numbers, which refuses integers beyond 2^53. */
export type Int64 = 'bigint' | 'number';

interface Column {
  readonly column: number;
  readonly path: readonly string[];
  readonly kind: 'numbers' | 'texts' | 'rows' | 'textRows' | 'opaque';
  readonly of: string;
  readonly count: number;
  /** For `textRows`, the number of their texts. */
  readonly bytes: number;
}

interface Part {
  readonly name?: string;
  readonly shape: readonly number[] | null;
  readonly type: Hdf5Type;
  readonly columns: readonly Column[];
}

/** Strings that are converted between two yields. */
const textsAtOnce = 2048;

/** The attributes, or the one dataset, that were read. */
export async function dataOf(
  native: NativeData,
  int64: Int64,
  yielder: Yielder,
): Promise<(Hdf5Data & { readonly name: string })[]> {
  const parts = JSON.parse(unwrap(native.parts())) as Part[];
  const all: (Hdf5Data & { name: string })[] = [];
  for (const { name = '', shape, type, columns } of parts) {
    let values: Hdf5Values = Object.create(null) as Record<string, Hdf5Values>;
    for (const column of columns) {
      const value = await valuesOf(native, column, int64, yielder);
      if (column.path.length === 0) values = value;
      else setNested(values as Record<string, Hdf5Values>, column.path, value);
    }
    all.push({ name, shape, type, values });
  }
  return all;
}

/** Nested compound members become nested objects. */
function setNested(into: Record<string, Hdf5Values>, path: readonly string[], value: Hdf5Values): void {
  let here = into;
  for (const name of path.slice(0, -1)) {
    here[name] ??= Object.create(null) as Record<string, Hdf5Values>;
    here = here[name] as Record<string, Hdf5Values>;
  }
  here[path.at(-1)!] = value;
}

async function valuesOf(
  native: NativeData,
  column: Column,
  int64: Int64,
  yielder: Yielder,
): Promise<Hdf5Values> {
  const { kind } = column;
  let values: Hdf5Values;
  if (kind === 'texts') values = await texts(native, column.column, column.count, yielder);
  else if (kind === 'textRows') {
    const all = await texts(native, column.column, column.bytes, yielder);
    values = cut(await lengths(native, column, yielder), (from, to) => all.slice(from, to));
  } else {
    const array = await numbers(native, column, int64, yielder);
    values = array;
    if (kind === 'rows')
      values = cut(
        await lengths(native, column, yielder),
        (from, to) => array.subarray(from, to) as Hdf5Array,
      );
  }
  unwrap(native.release(column.column));
  return values;
}

function cut<T>(lengths: Uint32Array, part: (from: number, to: number) => T): T[] {
  let from = 0;
  return Array.from(lengths, (length) => {
    from += length;
    return part(from - length, from);
  });
}

async function numbers(
  native: NativeData,
  { column, of, bytes }: Column,
  int64: Int64,
  yielder: Yielder,
): Promise<Hdf5Array> {
  const buffer = newBytes('data of an HDF5 file', bytes).buffer;
  for (let from = 0; from < bytes; from += pieceBytes) {
    if (yielder.isDue) await yielder.yieldNow();
    unwrap(native.copy(column, from, new Uint8Array(buffer, from, Math.min(pieceBytes, bytes - from))));
  }
  const array = new arrayKinds[of]!(buffer);
  if (int64 === 'bigint' || !(array instanceof BigInt64Array || array instanceof BigUint64Array))
    return array;
  const plain = new Float64Array(newBytes('data of an HDF5 file', bytes).buffer);
  await yielder.each(plain.length, (i) => {
    plain[i] = Number(array[i]);
    if (!Number.isSafeInteger(plain[i]))
      throw new LapicqueError('unsupported', {
        feature: `the integer ${array[i]}, which a JavaScript number cannot represent exactly`,
        format: "int64: 'number'",
      });
  });
  return plain;
}

async function lengths(
  native: NativeData,
  { column, count }: Column,
  yielder: Yielder,
): Promise<Uint32Array> {
  const all = new Uint32Array(count);
  for (let from = 0; from < count; from += pieceBytes) {
    if (yielder.isDue) await yielder.yieldNow();
    unwrap(native.lengths(column, from, all.subarray(from, from + pieceBytes)));
  }
  return all;
}

async function texts(native: NativeData, column: number, count: number, yielder: Yielder): Promise<string[]> {
  const all: string[] = [];
  for (let from = 0; from < count; from += textsAtOnce) {
    if (yielder.isDue) await yielder.yieldNow();
    for (const text of unwrap(native.texts(column, from, Math.min(textsAtOnce, count - from))))
      all.push(text);
  }
  return all;
}
