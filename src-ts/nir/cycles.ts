/** Which edges close a cycle, and which nodes lie on one. */

type Edges = readonly (readonly [string, string])[];

/** Readers of each node, in the order of the edges. */
function readersOf(edges: Edges): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  for (const [from, to] of edges) {
    const own = readers.get(from);
    if (own === undefined) readers.set(from, [to]);
    else own.push(to);
  }
  return readers;
}

/**
 * Depth first from the inputs, in the order of the edges: an edge to a node that is still underway closes a cycle. It carries what its source gave in the
 * step before.
 */
export function closingEdges(starts: Iterable<string>, edges: Edges): Set<string> {
  const readers = readersOf(edges);
  const closing = new Set<string>();
  const done = new Set<string>();
  for (const start of starts) {
    if (done.has(start)) continue;
    const path: { node: string; next: number }[] = [{ node: start, next: 0 }];
    const underway = new Set([start]);
    while (path.length > 0) {
      const here = path.at(-1)!;
      const to = readers.get(here.node)?.[here.next++];
      if (to === undefined) {
        underway.delete(here.node);
        done.add(here.node);
        path.pop();
      } else if (underway.has(to)) closing.add(edgeKey(here.node, to));
      else if (!done.has(to)) {
        underway.add(to);
        path.push({ node: to, next: 0 });
      }
    }
  }
  return closing;
}

/** An edge as a key. */
export function edgeKey(from: string, to: string): string {
  return JSON.stringify([from, to]);
}

/** The number of the cycle that each node lies on; nodes on none are left out. (Tarjan's strongly connected components.) */
export function cyclesOf(nodes: Iterable<string>, edges: Edges): Map<string, number> {
  const readers = readersOf(edges);
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const waiting: string[] = [];
  const isWaiting = new Set<string>();
  const number = new Map<string, number>();
  let count = 0;
  for (const start of nodes) {
    if (index.has(start)) continue;
    const path: { node: string; next: number }[] = [];
    const enter = (node: string) => {
      index.set(node, index.size);
      low.set(node, index.get(node)!);
      waiting.push(node);
      isWaiting.add(node);
      path.push({ node, next: 0 });
    };
    enter(start);
    while (path.length > 0) {
      const here = path.at(-1)!;
      const to = readers.get(here.node)?.[here.next++];
      if (to !== undefined) {
        if (!index.has(to)) enter(to);
        else if (isWaiting.has(to)) low.set(here.node, Math.min(low.get(here.node)!, index.get(to)!));
        continue;
      }
      path.pop();
      const outer = path.at(-1);
      if (outer !== undefined) low.set(outer.node, Math.min(low.get(outer.node)!, low.get(here.node)!));
      if (low.get(here.node) !== index.get(here.node)) continue;
      const members = waiting.splice(waiting.lastIndexOf(here.node));
      for (const member of members) isWaiting.delete(member);
      const loops = members.length > 1 || (readers.get(here.node)?.includes(here.node) ?? false);
      if (loops) for (const member of members) number.set(member, count);
      count += 1;
    }
  }
  return number;
}

/** What can be reached from some nodes along edges, themselves included. */
export function reached(starts: Iterable<string>, edges: Edges, backwards = false): Set<string> {
  const readers = readersOf(backwards ? edges.map(([from, to]) => [to, from] as const) : edges);
  const seen = new Set(starts);
  const open = [...seen];
  while (open.length > 0)
    for (const to of readers.get(open.pop()!) ?? [])
      if (!seen.has(to)) {
        seen.add(to);
        open.push(to);
      }
  return seen;
}

/** Each node behind those that it reads in the same step. */
export function order(
  edges: readonly (readonly [string, string])[],
  closing: ReadonlySet<string>,
  outputs: readonly string[],
): string[] {
  const into = new Map<string, string[]>();
  for (const [from, to] of edges)
    if (!closing.has(edgeKey(from, to))) into.set(to, [...(into.get(to) ?? []), from]);
  const done = new Set<string>();
  const sorted: string[] = [];
  // What only later edges lead to is visited as well.
  for (const start of new Set([...outputs, ...edges.flat()])) {
    const path: { node: string; next: number }[] = done.has(start) ? [] : [{ node: start, next: 0 }];
    done.add(start);
    while (path.length > 0) {
      const here = path.at(-1)!;
      const from = into.get(here.node)?.[here.next++];
      if (from === undefined) sorted.push(path.pop()!.node);
      else if (!done.has(from)) {
        done.add(from);
        path.push({ node: from, next: 0 });
      }
    }
  }
  return sorted;
}
