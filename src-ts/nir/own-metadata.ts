/** What lapicque writes beside a NIR graph, so that nothing is lost where lapicque reads it again. */
import { createHash } from 'node:crypto';
import type { Description } from '../description/description.ts';
import { isNirGraph, type NirField, type NirGraph, type NirNode } from './graph.ts';

/** The network as it was written. */
export interface OwnMetadata {
  /** ms */
  readonly dt: number;
  /** The network; none where the file was changed since. */
  readonly description?: Description;
  /** From a node of the graph to the layer of the network. */
  readonly layers: ReadonlyMap<string, string>;
  /** Why the network is not taken as it was written. */
  readonly changed?: string;
}

/** The name of the metadata, whose value is JSON. */
const key = 'lapicque';

/** Fields whose values may change without another meaning: what training changes elsewhere. */
const trained: Readonly<Record<string, readonly string[]>> = {
  Affine: ['weight', 'bias'],
  Linear: ['weight'],
  Conv1d: ['weight', 'bias'],
  Conv2d: ['weight', 'bias'],
  Scale: ['scale'],
};

function told(field: NirField, withValues: boolean): unknown {
  if (typeof field === 'string') return field;
  return [field.shape, ...(withValues ? [Array.from(field.data)] : [])];
}

/** Of all but weights: another program may train them. */
function digest(graph: NirGraph): string {
  const plain = (node: NirNode | NirGraph): unknown => {
    if (isNirGraph(node)) {
      const nodes = [...node.nodes]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, inner]) => [name, plain(inner)]);
      return [nodes, node.edges.map((edge) => JSON.stringify(edge)).sort()];
    }
    const open = trained[node.type] ?? [];
    const fields = [...node.fields].sort(([a], [b]) => (a < b ? -1 : 1));
    return [node.type, fields.map(([name, field]) => [name, told(field, !open.includes(name))])];
  };
  return createHash('sha256')
    .update(JSON.stringify(plain(graph)))
    .digest('hex');
}

/** The graph with the network beside it. */
export function withOwnMetadata(
  graph: NirGraph,
  description: Description,
  layers: ReadonlyMap<string, string>,
): NirGraph {
  const content = { schema: 1, description, layers: [...layers], digest: digest(graph) };
  return { ...graph, metadata: new Map([...graph.metadata, [key, JSON.stringify(content)]]) };
}

/** What lapicque wrote into a file, if it did and another program kept it. @internal */
export function ownMetadata(graph: NirGraph): OwnMetadata | undefined {
  const text = graph.metadata.get(key);
  if (typeof text !== 'string') return undefined;
  let content: { schema?: unknown; description?: Description; layers?: [string, string][]; digest?: unknown };
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { schema, description, layers } = content ?? {};
  const dt = description?.dt;
  if (typeof dt !== 'number' || !(dt > 0) || !Array.isArray(layers)) return undefined;
  if (!layers.every((pair) => Array.isArray(pair) && pair.every((name) => typeof name === 'string')))
    return undefined;
  const own = { dt, layers: new Map(layers) };
  if (schema !== 1) return { ...own, changed: 'a newer lapicque wrote the file: its metadata is not used' };
  if (content.digest !== digest(graph))
    return {
      ...own,
      changed:
        'the file was changed after lapicque wrote it: resets and orders are those of NIR, taken literally',
    };
  return { ...own, description: description! };
}
