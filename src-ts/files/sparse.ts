/** Sparse matrices as `scipy.sparse.save_npz` writes them. */
import { options as checkOptions, filePath, fits, integer, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import { isKind } from '../checks/typed.ts';
import { isWhole, unsigned } from '../checks/whole-numbers.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { FileTensor } from './tensor-data.ts';
import { readTensors, type TensorFile } from './tensor-file.ts';

/** A matrix as a list of entries: entry `i` is in row `rows[i]` and column `columns[i]`. */
export interface SparseMatrix {
  readonly shape: readonly [rows: number, columns: number];
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array | Float64Array;
}

/** The maximum number of elements of a matrix that {@link toDense} makes. */
const maxElements = 2 ** 31;

/**
 * Reads a matrix written by `scipy.sparse.save_npz`: CSR, CSC or COO. Entries keep the order of the file.
 *
 * @example
 * ```ts
 * const { rows, columns, values } = await readSparse('connectivity.npz'); // rows are targets, columns sources
 * const synapses = connect(E, I, rule.list(columns, rows), { weight: values, delay: 1.5 });
 * const weight = toDense(await readSparse('weights.npz'));
 * await model.setWeights({ 'dense1.weight': weight });
 * ```
 * @throws LapicqueError `malformed-file` for arrays that do not fit together, `unsupported` for other formats
 * (BSR, DIA), complex values and more than two axes, `too-large`, `io`
 */
export async function readSparse(path: string | URL, options: TaskOptions = {}): Promise<SparseMatrix> {
  return sparseOf(await readTensors(filePath('path', path), options));
}

function sparseOf({ tensors }: TensorFile): SparseMatrix {
  const format = textOf(part(tensors, 'format'));
  const shape = unsigned('shape', wholes(part(tensors, 'shape'), 'shape'));
  if (shape.length !== 2) throw unsupported(`sparse arrays of ${shape.length} axes`);
  const [rows, columns] = [shape[0]!, shape[1]!];
  const values = valuesOf(part(tensors, 'data'));
  if (format === 'coo') {
    // `coords` as of SciPy's sparse arrays.
    const coords = tensors.get('coords');
    const [row, column] =
      coords === undefined
        ? [wholes(part(tensors, 'row'), 'row'), wholes(part(tensors, 'col'), 'col')]
        : halvesOf(coords);
    return matrix([rows, columns], entries('row', row, rows), entries('col', column, columns), values);
  }
  if (format !== 'csr' && format !== 'csc')
    throw unsupported(`sparse matrices of the form ${JSON.stringify(format)}`);
  const isRows = format === 'csr';
  const [outer, inner] = isRows ? [rows, columns] : [columns, rows];
  const minor = entries('indices', wholes(part(tensors, 'indices'), 'indices'), inner);
  const starts = entries('indptr', wholes(part(tensors, 'indptr'), 'indptr'), minor.length + 1);
  if (starts.length !== outer + 1 || starts[0] !== 0 || starts[outer] !== minor.length)
    throw malformed(`indptr does not lead from 0 to ${minor.length} in ${outer} steps`);
  const major = new Uint32Array(minor.length);
  for (let i = 0; i < outer; i++) {
    if (starts[i + 1]! < starts[i]!) throw malformed(`indptr[${i + 1}] is less than the one before it`);
    major.fill(i, starts[i], starts[i + 1]);
  }
  return isRows
    ? matrix([rows, columns], major, minor, values)
    : matrix([rows, columns], minor, major, values);
}

/**
 * Converts a sparse matrix to a dense one in row-major order: `{ data, shape }`, as `setWeights`,
 * `writeTensors` and a loader's `x` accept it. Duplicate entries are added, as in SciPy.
 *
 * @throws LapicqueError `too-large` for more than 2^31 elements, `invalid-parameter`
 */
export function toDense(sparse: SparseMatrix): { data: Float32Array | Float64Array; shape: number[] } {
  const { shape, rows, columns, values } = checkOptions('matrix', sparse, [
    'shape',
    'rows',
    'columns',
    'values',
  ]);
  if (!Array.isArray(shape) || shape.length !== 2) invalid('matrix.shape', shape, '[rows, columns]');
  for (const [axis, size] of shape.entries()) integer(`matrix.shape[${axis}]`, size, { min: 0 });
  for (const [name, array] of [
    ['rows', rows],
    ['columns', columns],
  ] as const)
    if (!isKind(array, Uint32Array)) invalid(`matrix.${name}`, array, 'a Uint32Array');
  if (!isKind(values, Float32Array) && !isKind(values, Float64Array))
    invalid('matrix.values', values, 'a Float32Array or Float64Array');
  const count = elementCount(shape);
  if (count > maxElements) {
    const [needed, allowed] = [count, maxElements].map((n) => n * values.BYTES_PER_ELEMENT);
    throw new LapicqueError('too-large', { what: 'the dense matrix', needed: needed!, allowed: allowed! });
  }
  fits('matrix.columns', columns.length, [rows.length]);
  fits('matrix.values', values.length, [rows.length]);
  const data = isKind(values, Float32Array) ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < rows.length; i++) {
    const [row, column] = [rows[i]!, columns[i]!];
    if (row >= shape[0] || column >= shape[1])
      invalid(
        `matrix.${row >= shape[0] ? 'rows' : 'columns'}[${i}]`,
        row >= shape[0] ? row : column,
        'an entry within the shape',
      );
    data[row * shape[1] + column]! += values[i]!;
  }
  return { data, shape: [...shape] };
}

function part(tensors: ReadonlyMap<string, FileTensor>, name: string): FileTensor {
  const found = tensors.get(name);
  if (found !== undefined) return found;
  const known = [...tensors.keys()].join(', ');
  throw malformed(
    `it has no array ${JSON.stringify(name)}, as scipy.sparse.save_npz writes, but ${known || 'none'}`,
  );
}

/** Bytes or code points as text. */
function textOf({ data }: FileTensor): string {
  return Array.from(data as ArrayLike<number | bigint>, (code) =>
    String.fromCodePoint(Math.min(0x10ffff, Math.max(0, Number(code)))),
  )
    .join('')
    .replace(/\0+$/, '');
}

function wholes({ data }: FileTensor, name: string) {
  return isWhole(data) ? data : invalid(name, data, 'integers');
}

function entries(name: string, values: Parameters<typeof unsigned>[1], size: number): Uint32Array {
  const out = unsigned(name, values);
  for (let i = 0; i < out.length; i++)
    if (out[i]! >= size) throw malformed(`${name}[${i}] is ${out[i]}, beyond ${size}`);
  return out;
}

function halvesOf({ data, shape }: FileTensor) {
  if (shape.length !== 2 || shape[0] !== 2 || !isWhole(data))
    throw malformed('coords is not of the shape [2, entries]');
  const middle = data.length / 2;
  return [data.slice(0, middle), data.slice(middle)] as const;
}

/** Booleans and integers are converted to numbers too. */
function valuesOf({ data }: FileTensor): Float32Array | Float64Array {
  if (isKind(data, Float32Array) || isKind(data, Float64Array)) return data;
  return Float64Array.from(data as ArrayLike<number | bigint>, Number);
}

function matrix(
  shape: readonly [number, number],
  rows: Uint32Array,
  columns: Uint32Array,
  values: Float32Array | Float64Array,
): SparseMatrix {
  for (const [name, { length }] of [
    ['rows', rows],
    ['columns', columns],
  ] as const)
    if (length !== values.length) throw malformed(`${length} ${name} for ${values.length} values`);
  return Object.freeze({ shape, rows, columns, values });
}

function malformed(reason: string): Error {
  return new LapicqueError('malformed-file', { format: 'scipy.sparse', offset: 0, reason });
}

function unsupported(feature: string): Error {
  return new LapicqueError('unsupported', { feature, format: 'lapicque' });
}
