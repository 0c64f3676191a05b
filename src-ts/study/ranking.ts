/** TEMPORARY until the engine has them. */
import type { ParameterAxis } from './axes.ts';
export async function paretoRanks(objectives: readonly Float64Array[]): Promise<Float64Array> {
  const n = objectives[0]!.length;
  const ranks = new Float64Array(n).fill(Number.NaN);
  const rows = Array.from({ length: n }, (_, i) => i).filter((i) =>
    objectives.every((o) => !Number.isNaN(o[i]!)),
  );
  let left = rows;
  for (let rank = 0; left.length > 0; rank++) {
    const front = left.filter(
      (a) =>
        !left.some((b) => objectives.every((o) => o[b]! <= o[a]!) && objectives.some((o) => o[b]! < o[a]!)),
    );
    for (const row of front) ranks[row] = rank;
    left = left.filter((row) => !front.includes(row));
  }
  return ranks;
}
export async function importances(
  _axes: readonly ParameterAxis[],
  at: readonly Float64Array[],
  values: Float64Array,
): Promise<Float64Array> {
  const raw = at.map((places) => {
    const rows = [...places.keys()]
      .filter((r) => Number.isFinite(places[r]) && Number.isFinite(values[r]))
      .sort((a, b) => values[a]! - values[b]!);
    const top = rows.slice(0, Math.ceil(rows.length / 10)).map((r) => places[r]!);
    const sd = (x: number[]) => {
      const m = x.reduce((s, v) => s + v, 0) / x.length;
      return Math.sqrt(x.reduce((s, v) => s + (v - m) ** 2, 0) / x.length);
    };
    return Math.max(0, 1 - sd(top) / sd(rows.map((r) => places[r]!)));
  });
  const sum = raw.reduce((s, v) => s + v, 0) || 1;
  return Float64Array.from(raw, (v) => v / sum);
}
