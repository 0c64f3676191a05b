/** The longest prefix of a name that is compared. It bounds the time for very long names. */
const maxPrefix = 80;

/** The most known names that are compared. */
const maxCompared = 1000;

/** The largest edit distance of a similar name. */
const maxDistance = 3;

/** A name as a message shows it. Very long names are cut to the same length as in the engine. */
export function shortName(name: string): string {
  return name.length > maxPrefix ? `${name.slice(0, maxPrefix - 1)}…` : name;
}

/**
 * The known name that a mistyped name most likely means: the nearest by edit distance, if at most a third of
 * its letters (at least one, at most three) differ; else the shortest known name that begins with it (at
 * least three letters); else the longest known name that is its beginning (at least four letters). Case does
 * not count. Names that differ only in their numbers, such as dense1 and dense2, are different things, so
 * neither is suggested for the other. A name of more than 80 letters has no similar name.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > maxPrefix) return undefined;
  const candidates = known.slice(0, maxCompared).filter((candidate) => candidate.length <= maxPrefix);
  const lowerCase = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > maxDistance || differInNumbers(name, candidate)) continue;
    const distance = editDistance(lowerCase, candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  // Names without a common letter are not similar.
  if (best !== undefined && bestDistance >= Math.max(best.length, name.length)) best = undefined;
  if (best !== undefined && bestDistance <= Math.min(maxDistance, Math.max(1, Math.floor(best.length / 3))))
    return best;
  if (name.length < 3) return undefined;
  const begins = (long: string, short: string) => long.toLowerCase().startsWith(short.toLowerCase());
  const byLength = candidates.sort((a, b) => a.length - b.length);
  const longer = byLength.find((candidate) => begins(candidate, name));
  return longer ?? byLength.findLast((candidate) => candidate.length >= 4 && begins(name, candidate));
}

/** Whether both names contain numbers and are equal without them. */
function differInNumbers(a: string, b: string): boolean {
  const [bare, other] = [a, b].map((name) => name.replace(/\d+/g, '#')) as [string, string];
  return a !== b && bare.includes('#') && bare === other;
}

/** Insertions, deletions, replacements and swaps of neighbors (optimal string alignment), exact up to {@link maxDistance}. */
function editDistance(a: string, b: string): number {
  const empty = () => new Array<number>(b.length + 1).fill(Number.POSITIVE_INFINITY);
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = empty();
    row[0] = i;
    // Population further from the diagonal have a larger distance than the limit.
    for (let j = Math.max(1, i - maxDistance); j <= Math.min(b.length, i + maxDistance); j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, older[j - 2]! + 1);
      }
      row[j] = cost;
    }
    [older, previous] = [previous, row];
  }
  return previous[b.length]!;
}
