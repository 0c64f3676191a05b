/** A NIR graph as plain data: nodes with the fields of the file, and edges as pairs of node names. */
import { attached, integer, invalid } from '../checks/check.ts';
import { kindOf } from '../checks/typed.ts';

/** The numbers of a field in C order. The shape `[]` is a single number. */
export interface NirTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
  /** The type in the file, such as `float32` or `int64`; `data` of an integer type is a Float64Array. */
  readonly type: string;
}

/** A field of a node: numbers, or a string such as the padding `same`. */
export type NirField = NirTensor | string;

/** A node that is not a graph: `LIF`, `Affine`, … with its fields under their NIR names. */
export interface NirNode {
  readonly type: string;
  readonly fields: ReadonlyMap<string, NirField>;
  readonly metadata: ReadonlyMap<string, NirField>;
  /** Names of fields in the file that NIR does not define; they are ignored. */
  readonly unknown?: readonly string[];
}

/** A graph of nodes; a node may be a subgraph. */
export interface NirGraph {
  readonly type: 'NIRGraph';
  /** The nodes in the order of the file. */
  readonly nodes: ReadonlyMap<string, NirNode | NirGraph>;
  readonly edges: readonly (readonly [from: string, to: string])[];
  readonly metadata: ReadonlyMap<string, NirField>;
  /** The version of the package `nir` that wrote the file; only the outermost graph has it. */
  readonly version?: string;
}

/** Whether a node is a subgraph. */
export function isNirGraph(node: NirNode | NirGraph): node is NirGraph {
  return (node as Partial<NirNode> | undefined | null)?.type === 'NIRGraph';
}

/** Numbers as a field: a Float32Array for the type `float32`, otherwise a Float64Array. */
export function nirTensor(values: ArrayLike<number>, shape: readonly number[], type = 'float64'): NirTensor {
  if (!Array.isArray(values) && kindOf(values) === undefined)
    invalid('values', values, 'a list of numbers or a typed array');
  attached('values', values);
  if (!Array.isArray(shape)) invalid('shape', shape, 'an array of sizes');
  for (const [axis, size] of shape.entries()) integer(`shape[${axis}]`, size, { min: 0 });
  for (let i = 0; i < values.length; i++)
    if (typeof values[i] !== 'number') invalid(`values[${i}]`, values[i], 'a number');
  const data = type === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
  return { shape, data, type };
}

/** The numbers of a field; `undefined` if it is absent or a string. */
export function numbersOf(node: NirNode, key: string): readonly number[] | undefined {
  const field = node.fields.get(key);
  return field === undefined || typeof field === 'string' ? undefined : Array.from(field.data);
}

/** A field of integers: the sizes of axes, by default. */
export function integers(values: readonly number[], shape: readonly number[] = [values.length]): NirTensor {
  return nirTensor(values, shape, 'int64');
}

/** A field of real numbers in their own precision. */
export function reals(values: Float32Array | Float64Array, shape: readonly number[]): NirTensor {
  return nirTensor(values, shape, values instanceof Float32Array ? 'float32' : 'float64');
}
