/** A nested graph as one: nodes by their paths, `outer/inner`, and edges past what only passes on. */
import { unsupportedNir } from './errors.ts';
import { isNirGraph, type NirGraph, type NirNode } from './graph.ts';

/** A graph without graphs in it. */
export interface FlatGraph {
  /** By path. */
  readonly nodes: ReadonlyMap<string, NirNode>;
  readonly edges: readonly (readonly [string, string])[];
  /** Of the outermost graph, in the order of the file. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** @throws LapicqueError `unsupported` for a subgraph with several inputs or outputs, or none, that an edge leads to */
export function flatten(graph: NirGraph): FlatGraph {
  const nodes = new Map<string, NirNode>();
  const edges: [string, string][] = [];
  const place = (inner: NirGraph, path: string) => {
    const full = (name: string) => (path === '' ? name : `${path}/${name}`);
    for (const [name, node] of inner.nodes) {
      if (isNirGraph(node)) place(node, full(name));
      else nodes.set(full(name), node);
    }
    const end = (name: string, type: 'Input' | 'Output') => {
      const node = inner.nodes.get(name)!;
      return isNirGraph(node) ? port(node, full(name), type) : full(name);
    };
    for (const [from, to] of inner.edges) edges.push([end(from, 'Output'), end(to, 'Input')]);
  };
  place(graph, '');
  const own = (type: string) =>
    [...graph.nodes].filter(([, node]) => node.type === type).map(([name]) => name);
  return { nodes, edges, inputs: own('Input'), outputs: own('Output') };
}

/** The path of the one Input or Output of a subgraph, through which edges enter or leave it. */
function port(graph: NirGraph, path: string, type: 'Input' | 'Output'): string {
  const found = [...graph.nodes].filter(([, node]) => node.type === type).map(([name]) => name);
  if (found.length !== 1) {
    const feature = `the subgraph "${path}" with ${found.length} nodes of the type ${type}, where an edge needs one`;
    throw unsupportedNir(feature);
  }
  return `${path}/${found[0]}`;
}
