/** A NIR graph as plain data: nodes with the fields that the file has, and edges by the names of nodes. */

/** Numbers of a field in C order; `[]` is a single number. */
export interface NirTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
  /** What the file has, such as `float32` or `int64`; whole numbers are held as float64. */
  readonly type: string;
}

/** A field of a node: numbers, or a word such as the padding `same`. */
export type NirField = NirTensor | string;

/** A node that computes: `LIF`, `Affine`, … with its fields by the names of NIR. */
export interface NirNode {
  readonly type: string;
  readonly fields: ReadonlyMap<string, NirField>;
  readonly metadata: ReadonlyMap<string, NirField>;
  /** Names in the file that NIR does not know; they are left alone. */
  readonly unknown?: readonly string[];
}

/** A graph of nodes, of which each may be a graph again. */
export interface NirGraph {
  readonly type: 'NIRGraph';
  /** In the order of the file. */
  readonly nodes: ReadonlyMap<string, NirNode | NirGraph>;
  readonly edges: readonly (readonly [from: string, to: string])[];
  readonly metadata: ReadonlyMap<string, NirField>;
  /** The version of the package `nir` that wrote the file; of the outermost graph. */
  readonly version?: string;
}

/** Tells graphs from nodes. */
export function isNirGraph(node: NirNode | NirGraph): node is NirGraph {
  return node.type === 'NIRGraph';
}

/** Numbers of a field as a tensor of float64, or float32 where they are given so. */
export function nirTensor(values: ArrayLike<number>, shape: readonly number[], type = 'float64'): NirTensor {
  const data = type === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
  return { shape, data, type };
}
