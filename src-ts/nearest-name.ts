/**
 * The known name that a mistyped one most likely stands for: the nearest by edit distance, if at most a third
 * of its letters (at least one, at most three) differ, else the shortest of which it is the beginning (at least three
 * letters), else the longest that it begins with (at least four). Case does not count. Names that differ in their numbers alone, as
 * dense1 and dense2, stand for different things: neither is a misspelt form of the other.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    if (differInNumbers(name, candidate)) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  if (best === undefined) return undefined;
  // What has no letter in common is another name.
  if (bestDistance >= Math.max(best.length, name.length)) return undefined;
  if (bestDistance <= Math.min(3, Math.max(1, Math.floor(best.length / 3)))) return best;
  if (name.length < 3) return undefined;
  const begins = (long: string, short: string) => long.toLowerCase().startsWith(short.toLowerCase());
  const byLength = [...known].sort((a, b) => a.length - b.length);
  const longer = byLength.find((candidate) => begins(candidate, name));
  return longer ?? byLength.findLast((candidate) => candidate.length >= 4 && begins(name, candidate));
}

/** Whether both have numbers, and are the same without. */
function differInNumbers(a: string, b: string): boolean {
  const [bare, other] = [a, b].map((name) => name.replace(/\d+/g, '#')) as [string, string];
  return a !== b && bare.includes('#') && bare === other;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, older[j - 2]! + 1);
      }
      row.push(cost);
    }
    [older, previous] = [previous, row];
  }
  return previous[b.length]!;
}
