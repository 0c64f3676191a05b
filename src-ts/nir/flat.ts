/** Flattens nested graphs: nodes get paths such as `outer/inner`, and edges to a subgraph lead to its Input or Output. */
import { unsupportedNir } from './errors.ts';
import { isNirGraph, type NirGraph, type NirNode } from './graph.ts';

/** A graph without subgraphs. */
export interface FlatGraph {
  /** The nodes by path. */
  readonly nodes: ReadonlyMap<string, NirNode>;
  readonly edges: readonly (readonly [string, string])[];
  /** The Input nodes of the outermost graph, in the order of the file. */
  readonly inputs: readonly string[];
  /** The Output nodes of the outermost graph, in the order of the file. */
  readonly outputs: readonly string[];
}

/** @throws LapicqueError `unsupported` when an edge leads to or from a subgraph that does not have exactly one Input or Output */
export function flatten(graph: NirGraph): FlatGraph {
  const nodes = new Map<string, NirNode>();
  const edges: [string, string][] = [];
  const collect = (inner: NirGraph, path: string) => {
    const full = (name: string) => (path === '' ? name : `${path}/${name}`);
    for (const [name, node] of inner.nodes) {
      if (isNirGraph(node)) collect(node, full(name));
      else nodes.set(full(name), node);
    }
    const end = (name: string, type: 'Input' | 'Output') => {
      const node = inner.nodes.get(name)!;
      return isNirGraph(node) ? port(node, full(name), type) : full(name);
    };
    for (const [from, to] of inner.edges) edges.push([end(from, 'Output'), end(to, 'Input')]);
  };
  collect(graph, '');
  const own = (type: string) =>
    [...graph.nodes].filter(([, node]) => node.type === type).map(([name]) => name);
  return { nodes, edges, inputs: own('Input'), outputs: own('Output') };
}

/** The path of a subgraph's only Input or Output, which replaces the subgraph in edges. */
function port(graph: NirGraph, path: string, type: 'Input' | 'Output'): string {
  const found = [...graph.nodes].filter(([, node]) => node.type === type).map(([name]) => name);
  if (found.length !== 1) {
    const feature = `the subgraph "${path}" with ${found.length} nodes of type ${type}; an edge to a subgraph needs exactly one`;
    throw unsupportedNir(feature);
  }
  return `${path}/${found[0]}`;
}
