/** Builds NIR graphs by hand. */
import { type NirField, type NirGraph, type NirNode, nirTensor } from '../../src-ts/doors/files.ts';

/** A field of float64; a plain number has the shape `[]`. */
export function field(values: number | readonly number[], shape?: readonly number[]): NirField {
  const list = typeof values === 'number' ? [values] : values;
  return nirTensor(list, shape ?? (typeof values === 'number' ? [] : [list.length]));
}

export function node(type: string, fields: Readonly<Record<string, NirField>> = {}): NirNode {
  return { type, fields: new Map(Object.entries(fields)), metadata: new Map() };
}

export function inputNode(...shape: number[]): NirNode {
  return node('Input', { shape: field(shape) });
}

export function outputNode(...shape: number[]): NirNode {
  return node('Output', { shape: field(shape) });
}

/** A population of LIF neurons with equal parameters, and other fields in their place. */
export function lifNode(
  shape: number | readonly number[],
  more: Readonly<Record<string, NirField>> = {},
): NirNode {
  const sizes = typeof shape === 'number' ? [shape] : shape;
  const neurons = sizes.reduce((product, size) => product * size, 1);
  const full = (value: number) => field(new Array<number>(neurons).fill(value), sizes);
  return node('LIF', {
    tau: full(0.01),
    r: full(1),
    v_leak: full(0),
    v_threshold: full(0.1),
    v_reset: full(0),
    ...more,
  });
}

export function nirGraph(
  nodes: Readonly<Record<string, NirNode | NirGraph>>,
  edges: readonly (readonly [string, string])[],
): NirGraph {
  return { type: 'NIRGraph', nodes: new Map(Object.entries(nodes)), edges, metadata: new Map() };
}
