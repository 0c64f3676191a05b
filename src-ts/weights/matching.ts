/** Which module of theirs goes to which layer of ours, where names do not tell. */

/** A pairing, or why there is none. */
export type Matching =
  | { readonly pairs: ReadonlyMap<number, number> }
  | { readonly unmatched: readonly number[]; readonly uncovered: readonly number[] }
  | { readonly ambiguous: readonly number[]; readonly candidates: readonly number[] };

/**
 * Pairs each of theirs with one of ours.
 *
 * @param fits - whether number i of theirs fits number j of ours
 * @param count - of theirs and of ours, both in their order
 * @param needed - whether number j of ours must be paired
 * @param equal - whether two of theirs hold the same values, so that it does not matter which goes where
 * @param ordered - whether the names of these of theirs tell their order, as `fc1`, `fc2` do
 */
export function match(
  fits: (theirs: number, ours: number) => boolean,
  [theirs, ours]: readonly [number, number],
  needed: (ours: number) => boolean,
  equal: (a: number, b: number) => boolean,
  ordered: (theirs: readonly number[]) => boolean,
): Matching {
  const edges = Array.from({ length: theirs }, (_, i) =>
    Array.from({ length: ours }, (_, j) => j).filter((j) => fits(i, j)),
  );
  const pairs = new Map<number, number>();
  for (const component of components(edges, ours)) {
    const solved = solve(component, edges, needed, equal, ordered);
    if (!(solved instanceof Map)) return solved;
    for (const [i, j] of solved) pairs.set(i, j);
  }
  const taken = new Set(pairs.values());
  const uncovered = Array.from({ length: ours }, (_, j) => j).filter((j) => needed(j) && !taken.has(j));
  const unmatched = Array.from({ length: theirs }, (_, i) => i).filter((i) => !pairs.has(i));
  return uncovered.length > 0 || unmatched.length > 0 ? { unmatched, uncovered } : { pairs };
}

/** Those of theirs and of ours that could be exchanged with one another. */
interface Component {
  readonly theirs: readonly number[];
  readonly ours: readonly number[];
}

function components(edges: readonly (readonly number[])[], ours: number): Component[] {
  const ofOurs = new Array<number>(ours).fill(-1);
  const found: { theirs: number[]; ours: number[] }[] = [];
  const seen = new Set<number>();
  for (let start = 0; start < edges.length; start++) {
    if (seen.has(start)) continue;
    const component = { theirs: [] as number[], ours: [] as number[] };
    const waiting = [start];
    seen.add(start);
    for (let i = waiting.pop(); i !== undefined; i = waiting.pop()) {
      component.theirs.push(i);
      for (const j of edges[i]!) {
        if (ofOurs[j] !== -1) continue;
        ofOurs[j] = found.length;
        component.ours.push(j);
        edges.forEach((own, k) => {
          if (!seen.has(k) && own.includes(j)) {
            seen.add(k);
            waiting.push(k);
          }
        });
      }
    }
    component.theirs.sort((a, b) => a - b);
    component.ours.sort((a, b) => a - b);
    found.push(component);
  }
  return found;
}

function solve(
  { theirs, ours }: Component,
  edges: readonly (readonly number[])[],
  needed: (ours: number) => boolean,
  equal: (a: number, b: number) => boolean,
  ordered: (theirs: readonly number[]) => boolean,
): Matching | Map<number, number> {
  const must = ours.filter(needed);
  const pairs = paired(theirs, edges, must);
  if (pairs === undefined) return { unmatched: theirs, uncovered: ours };
  // In the order of their names, where they are as many as the layers that they can go to.
  const candidates = ours.length === theirs.length ? ours : must;
  const inOrder =
    candidates.length === theirs.length && theirs.every((i, k) => edges[i]!.includes(candidates[k]!));
  if (inOrder && ordered(theirs)) return new Map(theirs.map((i, k) => [i, candidates[k]!]));
  // Else there must be no choice, or one that changes nothing.
  const free = theirs.some((i) =>
    edges[i]!.some((j) => {
      if (pairs.get(i) === j) return false;
      const other = [...pairs].find(([, to]) => to === j)?.[0];
      if (other !== undefined && equal(i, other)) return false;
      return paired(theirs, edges, must, [i, j]) !== undefined;
    }),
  );
  return free ? { ambiguous: theirs, candidates: ours } : pairs;
}

/** A pairing of all of theirs that covers all that must be, with one pair given; nothing where there is none. */
function paired(
  theirs: readonly number[],
  edges: readonly (readonly number[])[],
  must: readonly number[],
  fixed?: readonly [number, number],
): Map<number, number> | undefined {
  const of = new Map<number, number>();
  const take = (i: number, visited: Set<number>): boolean => {
    // Those that must be covered first: what is free is left for the others.
    const own = [...edges[i]!].sort((a, b) => Number(must.includes(b)) - Number(must.includes(a)));
    for (const j of own) {
      if (visited.has(j) || j === fixed?.[1]) continue;
      visited.add(j);
      const other = of.get(j);
      if (other === undefined || take(other, visited)) {
        of.set(j, i);
        return true;
      }
    }
    return false;
  };
  for (const i of theirs) if (i !== fixed?.[0] && !take(i, new Set())) return undefined;
  if (fixed !== undefined) of.set(fixed[1], fixed[0]);
  // Frees a target that must be covered from one that need not be, along an augmenting path.
  const cover = (j: number, visited: Set<number>): boolean => {
    for (const i of theirs) {
      if (visited.has(i) || i === fixed?.[0] || !edges[i]!.includes(j)) continue;
      visited.add(i);
      const current = [...of].find(([, by]) => by === i)![0];
      if (must.includes(current) && !cover(current, visited)) continue;
      if (of.get(current) === i) of.delete(current);
      of.set(j, i);
      return true;
    }
    return false;
  };
  for (const j of must) if (!of.has(j) && !cover(j, new Set())) return undefined;
  return new Map([...of].map(([j, i]) => [i, j]));
}
