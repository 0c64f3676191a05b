/** The metadata that lapicque adds to a NIR graph, so that reading it again restores the same network. */
import { createHash } from 'node:crypto';
import type { Description } from '../description/description.ts';
import { isNirGraph, type NirField, type NirGraph, type NirNode } from './graph.ts';
import { nodeType } from './node-types.ts';

/** The content of the metadata. */
export interface OwnMetadata {
  /** ms */
  readonly dt: number;
  /** The network; absent if another program changed the file. */
  readonly description?: Description;
  /** The layer of the network by the name of its node. */
  readonly layers: ReadonlyMap<string, string>;
  /** Why the network of the metadata is not used. */
  readonly changed?: string;
}

/** The name of the metadata field; its value is JSON. */
const key = 'lapicque';

function fieldContent(field: NirField, withValues: boolean): unknown {
  if (typeof field === 'string') return field;
  return [field.shape, ...(withValues ? [Array.from(field.data)] : [])];
}

/** A digest of the graph without the values of trained fields. */
function digest(graph: NirGraph): string {
  const plain = (node: NirNode | NirGraph): unknown => {
    if (isNirGraph(node)) {
      const nodes = [...node.nodes]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, inner]) => [name, plain(inner)]);
      return [nodes, node.edges.map((edge) => JSON.stringify(edge)).sort()];
    }
    const types = nodeType(node.type).fields;
    const fields = [...node.fields].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      node.type,
      fields.map(([name, field]) => [name, fieldContent(field, types[name]?.trained !== true)]),
    ];
  };
  return createHash('sha256')
    .update(JSON.stringify(plain(graph)))
    .digest('hex');
}

/** Adds the network to the metadata of its graph. */
export function withOwnMetadata(
  graph: NirGraph,
  description: Description,
  layers: ReadonlyMap<string, string>,
): NirGraph {
  const content = { schema: 1, description, layers: [...layers], digest: digest(graph) };
  return { ...graph, metadata: new Map([...graph.metadata, [key, JSON.stringify(content)]]) };
}

/** The lapicque metadata of a graph; `undefined` if it has none or they are not readable. @internal */
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
  if (schema !== 1)
    return { ...own, changed: 'the file has metadata of a newer lapicque, which are not used' };
  if (content.digest !== digest(graph))
    return {
      ...own,
      changed:
        'the file was changed after lapicque wrote it, so its metadata are not used: the equations of NIR apply as written',
    };
  return { ...own, description: description! };
}
