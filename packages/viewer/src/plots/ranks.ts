/** The positions of a graph's nodes in columns, from inputs to outputs. */

/** A position in columns: `rank` counts columns, `row` nodes within one. */
export interface RankedNode {
  readonly name: string;
  readonly rank: number;
  readonly row: number;
}

/**
 * Each node in the column after the last of its sources (the longest path from a node without sources). Edges that would close a cycle, in the order in which a
 * depth-first walk from the first node meets them, do not count. Nodes of a column are in the order of the mean rows of their sources.
 */
export function rankedNodes(
  names: readonly string[],
  edges: readonly (readonly [from: string, to: string])[],
): RankedNode[] {
  const known = new Set(names);
  const next = new Map(names.map((name): [string, string[]] => [name, []]));
  for (const [from, to] of edges) if (known.has(from) && known.has(to)) next.get(from)!.push(to);
  const forward = withoutCycles(names, next);
  const rank = new Map(names.map((name) => [name, 0]));
  for (const from of forward.order)
    for (const to of forward.next.get(from)!) rank.set(to, Math.max(rank.get(to)!, rank.get(from)! + 1));
  return rows(names, rank, forward.next);
}

/** Edges that do not lead back to a node on the walk to it, and the nodes so that each comes after its sources. */
function withoutCycles(names: readonly string[], next: ReadonlyMap<string, readonly string[]>) {
  const state = new Map<string, 'open' | 'done'>();
  const kept = new Map(names.map((name): [string, string[]] => [name, []]));
  const order: string[] = [];
  for (const root of names) {
    if (state.has(root)) continue;
    // A stack and no recursion: a chain may have thousands of nodes.
    const stack: { name: string; at: number }[] = [{ name: root, at: 0 }];
    state.set(root, 'open');
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const to = next.get(top.name)![top.at++];
      if (to === undefined) {
        state.set(top.name, 'done');
        order.push(top.name);
        stack.pop();
      } else if (state.get(to) !== 'open') {
        kept.get(top.name)!.push(to);
        if (!state.has(to)) {
          state.set(to, 'open');
          stack.push({ name: to, at: 0 });
        }
      }
    }
  }
  return { next: kept, order: order.reverse() };
}

function rows(
  names: readonly string[],
  rank: ReadonlyMap<string, number>,
  next: ReadonlyMap<string, readonly string[]>,
): RankedNode[] {
  const columns: string[][] = [];
  for (const name of names) {
    const at = rank.get(name)!;
    while (columns.length <= at) columns.push([]);
    columns[at]!.push(name);
  }
  const row = new Map<string, number>();
  const sources = new Map(names.map((name): [string, string[]] => [name, []]));
  for (const [from, all] of next) for (const to of all) sources.get(to)!.push(from);
  const placed: RankedNode[] = [];
  for (const [at, column] of columns.entries()) {
    const wish = new Map(
      column.map((name, i) => {
        const from = sources.get(name)!;
        return [
          name,
          from.length === 0 ? i : from.reduce((sum, one) => sum + row.get(one)!, 0) / from.length,
        ];
      }),
    );
    const sorted = [...column].sort((a, b) => wish.get(a)! - wish.get(b)!);
    for (const [i, name] of sorted.entries()) {
      row.set(name, i);
      placed.push({ name, rank: at, row: i });
    }
  }
  return placed;
}
