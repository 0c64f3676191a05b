/** Hard HDF5 files against the values that were known before they were written. */
import { dirname, join } from 'node:path';
import { type Hdf5Data, type Hdf5File, type Hdf5Values, openHdf5 } from '../../src-ts/doors/files.ts';
import { LapicqueError } from '../../src-ts/index.ts';
import { BadCase, isObject, type Json, list, object, type SideCar, text } from './side-car.ts';
import type { Comparison } from './tolerance.ts';

/** `check: 'hdf5'` */
export async function hdf5(car: SideCar, entry: Json, comparison: Comparison): Promise<void> {
  using file = await openHdf5(join(dirname(car.path), text(entry.file, 'file')));
  const failures: string[] = [];
  let read = 0;
  for (const value of list(entry.datasets, 'datasets')) {
    const dataset = object(value, 'datasets[]');
    const reason = await compared(file, dataset, comparison);
    read += 1;
    if (reason !== undefined) failures.push(`${dataset.path}: ${reason}`);
  }
  for (const [path, attributes] of Object.entries(object(entry.attributes ?? {}, 'attributes'))) {
    const found = await file.attributes(path);
    for (const [name, expected] of Object.entries(object(attributes, 'attributes[]'))) {
      const got = found.get(name);
      const values = got === undefined ? undefined : plain(got);
      if (JSON.stringify(values) !== JSON.stringify(expected))
        failures.push(
          `the attribute ${name} of ${path} is ${JSON.stringify(values)}, expected ${JSON.stringify(expected)}`,
        );
    }
  }
  if (failures.length > 0) throw new Error(failures.join('; '));
  if (read === 0) throw new BadCase('there is no dataset to compare');
  // A case may have no tensor: then its rule is for a placeholder.
  if ('none' in object(car.json.tolerance, 'tolerance'))
    comparison.tensor('none', car.tensor('none').data, car.tensor('none').shape);
}

/** Why a dataset is not as it should be. */
async function compared(file: Hdf5File, dataset: Json, comparison: Comparison): Promise<string | undefined> {
  const path = text(dataset.path, 'path');
  let data: Hdf5Data;
  try {
    data = await file.read(path);
  } catch (error) {
    if (!(error instanceof LapicqueError)) throw error;
    if (dataset.required === 'read') return error.message;
    return refusesByName(error, dataset, comparison)
      ? undefined
      : `refused, but not by the filter or type: ${error.message}`;
  }
  const { shape, values } = data;
  if (JSON.stringify(shape) !== JSON.stringify(dataset.shape ?? null)) {
    if (dataset.shape !== undefined)
      return `shape [${shape?.join(', ')}], expected ${JSON.stringify(dataset.shape)}`;
  }
  const { expected } = dataset;
  switch (dataset.kind) {
    case 'array':
      comparison.tensor(text(expected, 'expected'), numbers(values), shape ?? [0]);
      return undefined;
    case 'vlen': {
      const names = object(expected, 'expected');
      const rows = (values as readonly Hdf5Values[]).map(numbers);
      const flat = rows.flatMap((row) => Array.from(row));
      comparison.tensor(text(names.values, 'expected.values'), flat, [flat.length]);
      const lengths = rows.map((row) => row.length);
      comparison.tensor(text(names.lengths, 'expected.lengths'), lengths, [lengths.length]);
      return undefined;
    }
    case 'compound':
    case 'complex':
      return members(data, object(expected, 'expected'), comparison);
    case 'strings': {
      const expectedText = JSON.stringify(expected);
      return JSON.stringify(values) === expectedText
        ? undefined
        : `${JSON.stringify(values)}, expected ${expectedText}`;
    }
    case 'hash':
      return hashed(data, object(expected, 'expected'));
    default:
      return described(values, expected);
  }
}

/** Numbers as the side-car's tensors are: of 64 bits the nearest. */
function numbers(values: Hdf5Values): Float64Array {
  return Float64Array.from(values as Iterable<number | bigint>, Number);
}

/** Members by their names; of a complex number the first is the real part. */
function members({ values, shape }: Hdf5Data, expected: Json, comparison: Comparison): string | undefined {
  const own = values as Readonly<Record<string, Hdf5Values>>;
  const byName = (name: string, i: number) =>
    own[name] ?? (name === 're' || name === 'im' ? Object.values(own)[i] : undefined);
  for (const [i, [name, tensor]] of Object.entries(expected).entries()) {
    const member = byName(name, i);
    if (member === undefined) return `there is no member ${name}`;
    comparison.tensor(text(tensor, `expected.${name}`), numbers(member), shape ?? [0]);
  }
  return undefined;
}

/** What was refused: its tensors count as compared where the message names the filter or the type. */
function refusesByName(error: LapicqueError, dataset: Json, comparison: Comparison): boolean {
  const filters = (dataset.filters as readonly Json[] | undefined) ?? [];
  const named = filters.some(({ id }) => error.message.includes(`filter ${id}`));
  const ofType = error.code === 'unsupported' && filters.length === 0;
  if (!named && !ofType) return false;
  const { expected } = dataset;
  const tensors = isObject(expected) ? Object.values(expected) : [expected];
  for (const tensor of tensors.filter((name): name is string => typeof name === 'string'))
    comparison.compared.add(tensor);
  return true;
}

async function hashed({ values }: Hdf5Data, expected: Json): Promise<string | undefined> {
  const { createHash } = await import('node:crypto');
  const { buffer, byteOffset, byteLength } = values as Float64Array;
  const hash = createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
  if (hash !== expected.sha256_little_endian)
    return `hash ${hash}, expected ${expected.sha256_little_endian}`;
  const [first, last] = ['first', 'last'].map((key) => list(expected[key], key));
  const all = Array.from(numbers(values));
  const isSame =
    JSON.stringify(all.slice(0, first!.length)) === JSON.stringify(first) &&
    JSON.stringify(all.slice(-last!.length)) === JSON.stringify(last);
  return isSame ? undefined : 'the first or last values differ';
}

/** Values that the side-car has itself, wherever in the members they are; what it says in words is only read. */
function described(values: Hdf5Values, expected: unknown): string | undefined {
  if (!isObject(expected)) return undefined;
  const leaves = new Map<string, unknown>();
  const visit = (name: string, value: unknown) => {
    if (ArrayBuffer.isView(value)) leaves.set(name, Array.from(numbers(value as Hdf5Values)));
    else if (Array.isArray(value)) leaves.set(name, value);
    else for (const [inner, member] of Object.entries(value as object)) visit(inner, member);
  };
  visit('', values);
  for (const [name, reference] of Object.entries(expected)) {
    const flat = Array.isArray(reference) ? reference.flat(Number.POSITIVE_INFINITY) : [reference];
    if (JSON.stringify(leaves.get(name)) !== JSON.stringify(flat)) return `the member ${name} differs`;
  }
  return undefined;
}

/** An attribute as JSON has it. */
function plain({ values, shape }: Hdf5Data): unknown {
  const all = ArrayBuffer.isView(values) ? Array.from(numbers(values)) : (values as readonly string[]);
  return shape?.length === 0 ? all[0] : all;
}
