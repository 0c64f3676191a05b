/** Graph traversal: neighbors, back edges, cycles, reachable nodes, topological order. */

type Edges = readonly (readonly [string, string])[];

/** The targets of each node's outgoing edges, in the order of the edges. */
export function readersOf(edges: Edges): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  for (const [from, to] of edges) {
    const own = readers.get(from);
    if (own === undefined) readers.set(from, [to]);
    else own.push(to);
  }
  return readers;
}

/** The sources of each node's incoming edges, in the order of the edges. */
export function sourcesOf(edges: Edges): Map<string, string[]> {
  return readersOf(edges.map(([from, to]) => [to, from]));
}

/** An edge as a key of sets and maps. */
export function edgeKey(from: string, to: string): string {
  return JSON.stringify([from, to]);
}

/** The edge of a key. */
export function edgeOfKey(key: string): [string, string] {
  return JSON.parse(key);
}

/**
 * The keys of all back edges, found by depth-first search from the inputs in the order of the edges. A back edge leads to a node on the
 * current search path and so closes a cycle; it carries the value of the previous step.
 */
export function backEdges(starts: Iterable<string>, edges: Edges): Set<string> {
  const readers = readersOf(edges);
  const back = new Set<string>();
  const done = new Set<string>();
  for (const start of starts) {
    if (done.has(start)) continue;
    const path: { node: string; next: number }[] = [{ node: start, next: 0 }];
    const onPath = new Set([start]);
    while (path.length > 0) {
      const here = path.at(-1)!;
      const to = readers.get(here.node)?.[here.next++];
      if (to === undefined) {
        onPath.delete(here.node);
        done.add(here.node);
        path.pop();
      } else if (onPath.has(to)) back.add(edgeKey(here.node, to));
      else if (!done.has(to)) {
        onPath.add(to);
        path.push({ node: to, next: 0 });
      }
    }
  }
  return back;
}

/**
 * The strongly connected component of each node, as an index, by Tarjan's algorithm. Nodes that are not on a cycle are left out: two nodes
 * with the same index lie on a common cycle.
 */
export function cyclesOf(nodes: Iterable<string>, edges: Edges): Map<string, number> {
  const readers = readersOf(edges);
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const isOnStack = new Set<string>();
  const component = new Map<string, number>();
  let count = 0;
  for (const start of nodes) {
    if (index.has(start)) continue;
    const path: { node: string; next: number }[] = [];
    const enter = (node: string) => {
      index.set(node, index.size);
      low.set(node, index.get(node)!);
      stack.push(node);
      isOnStack.add(node);
      path.push({ node, next: 0 });
    };
    enter(start);
    while (path.length > 0) {
      const here = path.at(-1)!;
      const to = readers.get(here.node)?.[here.next++];
      if (to !== undefined) {
        if (!index.has(to)) enter(to);
        else if (isOnStack.has(to)) low.set(here.node, Math.min(low.get(here.node)!, index.get(to)!));
        continue;
      }
      path.pop();
      const outer = path.at(-1);
      if (outer !== undefined) low.set(outer.node, Math.min(low.get(outer.node)!, low.get(here.node)!));
      if (low.get(here.node) !== index.get(here.node)) continue;
      const members = stack.splice(stack.lastIndexOf(here.node));
      for (const member of members) isOnStack.delete(member);
      const loops = members.length > 1 || (readers.get(here.node)?.includes(here.node) ?? false);
      if (loops) for (const member of members) component.set(member, count);
      count += 1;
    }
  }
  return component;
}

/** The nodes that paths from `starts` lead to, `starts` included; with `backwards`, the nodes that lead to `starts`. */
export function reachable(starts: Iterable<string>, edges: Edges, backwards = false): Set<string> {
  const next = backwards ? sourcesOf(edges) : readersOf(edges);
  const seen = new Set(starts);
  const open = [...seen];
  while (open.length > 0)
    for (const to of next.get(open.pop()!) ?? [])
      if (!seen.has(to)) {
        seen.add(to);
        open.push(to);
      }
  return seen;
}

/** All nodes in topological order: each node follows its sources. Edges with a key in `delayed` are ignored. */
export function topologicalOrder(
  edges: Edges,
  delayed: ReadonlySet<string>,
  outputs: readonly string[],
): string[] {
  const sources = sourcesOf(edges.filter(([from, to]) => !delayed.has(edgeKey(from, to))));
  const done = new Set<string>();
  const sorted: string[] = [];
  // Some nodes lead to the outputs only through delayed edges, so every node is a start.
  for (const start of new Set([...outputs, ...edges.flat()])) {
    const path: { node: string; next: number }[] = done.has(start) ? [] : [{ node: start, next: 0 }];
    done.add(start);
    while (path.length > 0) {
      const here = path.at(-1)!;
      const from = sources.get(here.node)?.[here.next++];
      if (from === undefined) sorted.push(path.pop()!.node);
      else if (!done.has(from)) {
        done.add(from);
        path.push({ node: from, next: 0 });
      }
    }
  }
  return sorted;
}
