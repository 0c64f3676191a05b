/** Sums of numbers with names over the samples of an epoch: the terms of a loss, metrics. */

export type NamedSums = Readonly<Record<string, number>>;

/** The sums with those of a batch, whose values are means over its samples. */
export function withBatch(sums: NamedSums, means: NamedSums, samples: number): NamedSums {
  const added = Object.entries(means).map(([name, mean]) => [name, (sums[name] ?? 0) + mean * samples]);
  return { ...sums, ...Object.fromEntries(added) };
}

/** The means over all samples. */
export function meansOf(sums: NamedSums, samples: number): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / samples]));
}
