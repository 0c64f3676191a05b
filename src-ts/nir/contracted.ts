/** The edges of a graph that become edges of the network. */
import { invalid } from '../checks/check.ts';
import type { FlatGraph } from './flat.ts';
import { nodeType } from './node-types.ts';
import { reachable, sourcesOf } from './traversal.ts';

/**
 * The edges without identity nodes that have a single source, and without nodes that do not lead to an Output.
 *
 * @param warnings - receives the names of ignored nodes
 */
export function contracted(graph: FlatGraph, warnings: string[]): [string, string][] {
  const { nodes, edges, inputs, outputs } = graph;
  const ends = new Set(outputs);
  const starts = new Set(inputs);
  const leading = reachable(outputs, edges, true);
  const fed = reachable(inputs, edges);
  for (const name of nodes.keys()) {
    if (leading.has(name) && !fed.has(name))
      invalid(`node "${name}"`, 'no path', 'a path of edges from an Input to it');
    if (!leading.has(name) && !starts.has(name))
      warnings.push(`${name} does not lead to an Output and is ignored`);
  }
  const live = edges.filter(([from, to]) => leading.has(from) && leading.has(to));
  const into = sourcesOf(live);
  const isContracted = (name: string) =>
    nodeType(nodes.get(name)!.type).passing === true &&
    !starts.has(name) &&
    !ends.has(name) &&
    into.get(name)?.length === 1;
  const origin = (name: string) => {
    const seen = new Set<string>();
    let at = name;
    while (isContracted(at)) {
      if (seen.has(at))
        invalid(
          `node "${name}"`,
          'a cycle of Input, Output and Identity nodes',
          'a node with state in every cycle',
        );
      seen.add(at);
      at = into.get(at)![0]!;
    }
    return at;
  };
  return live.filter(([, to]) => !isContracted(to)).map(([from, to]) => [origin(from), to]);
}
