/** Times of spikes on a grid as steps from one spike to the next: a quarter of the bytes of doubles, and the same doubles again. */

/** How times follow from steps: step `k` is at `k * factor` or at `k / factor`. */
export interface TimeGrid {
  readonly factor: number;
  readonly divides: boolean;
  /** The step of the first time. */
  readonly first: number;
}

/** Steps of usual simulations in ms, and their inverses: a product and a quotient differ in the last bit. */
const grids = [
  ...[1, 0.1, 0.5, 0.05, 0.25, 0.025, 0.2, 0.01].map((factor) => ({ factor, divides: false })),
  ...[10, 20, 40, 100, 1000].map((factor) => ({ factor, divides: true })),
] as const;

const timeOf = (k: number, factor: number, divides: boolean) => (divides ? k / factor : k * factor);

/** The steps between ascending times, if all are on one grid to the last bit and no step is longer than 65,535. */
export function packTimes(
  times: Float64Array,
): { readonly grid: TimeGrid; readonly steps: Uint16Array } | undefined {
  const [start = 0] = times;
  const steps = new Uint16Array(times.length);
  for (const { factor, divides } of grids) {
    const stepOf = (time: number) => Math.round(divides ? time * factor : time / factor);
    const first = stepOf(start);
    let [before, i] = [first, 0];
    for (; i < times.length; i++) {
      const k = stepOf(times[i]!);
      if (timeOf(k, factor, divides) !== times[i] || k < before || k - before > 65_535) break;
      steps[i] = k - before;
      before = k;
    }
    if (i === times.length) return { grid: { factor, divides, first }, steps };
  }
  return undefined;
}

/** The times that {@link packTimes} packed. */
export function unpackTimes({ factor, divides, first }: TimeGrid, steps: Uint16Array): Float64Array {
  const times = new Float64Array(steps.length);
  let k = first;
  for (let i = 0; i < steps.length; i++) {
    k += steps[i]!;
    times[i] = timeOf(k, factor, divides);
  }
  return times;
}
