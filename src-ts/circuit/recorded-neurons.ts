/** Which neurons of each population have their spikes recorded. */
import type { NeuronsSpec } from './elements/populations.ts';
import type { PopulationRange } from './traces.ts';

/** Neurons of a population, from `from` up to, but not including, `to`. */
export interface NeuronRange {
  readonly from: number;
  readonly to: number;
}

/** Ranges by population, ascending and disjoint; populations without recorded neurons are absent. */
export type RecordedRanges = Readonly<Record<string, readonly NeuronRange[]>>;

/** The selected neurons of each population; all when left out. */
export function recordedRanges(
  populations: Readonly<Record<string, PopulationRange>>,
  chosen?: readonly NeuronsSpec[],
): RecordedRanges {
  const ranges = ([name, { size }]: [string, PopulationRange]): [string, readonly NeuronRange[]] => {
    const own = (chosen ?? [name]).filter((neurons) => nameOf(neurons) === name);
    return [
      name,
      united(own.map((neurons) => (typeof neurons === 'string' ? { from: 0, to: size } : neurons))),
    ];
  };
  return Object.freeze(
    Object.fromEntries(
      Object.entries(populations)
        .map(ranges)
        .filter(([, own]) => own.length > 0),
    ),
  );
}

function nameOf(neurons: NeuronsSpec): string {
  return typeof neurons === 'string' ? neurons : neurons.of;
}

/** Ranges may overlap: each neuron is there once. */
function united(given: readonly NeuronRange[]): readonly NeuronRange[] {
  const ranges: { from: number; to: number }[] = [];
  for (const { from, to } of [...given].sort((a, b) => a.from - b.from)) {
    if (to <= from) continue;
    const last = ranges.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else ranges.push({ from, to });
  }
  return Object.freeze(ranges.map((range) => Object.freeze(range)));
}

/** The number of neurons in ranges. */
export function neuronsIn(ranges: readonly NeuronRange[]): number {
  return ranges.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** The neurons of ranges within another one, ascending. */
export function neuronsWithin(ranges: readonly NeuronRange[], { from, to }: NeuronRange): Uint32Array {
  const inside = ranges
    .map((range) => ({ from: Math.max(from, range.from), to: Math.min(to, range.to) }))
    .filter((range) => range.from < range.to);
  const neurons = new Uint32Array(neuronsIn(inside));
  let at = 0;
  for (const range of inside) for (let id = range.from; id < range.to; id++) neurons[at++] = id;
  return neurons;
}

/** Ranges for people: `0 to 9, 20`. */
export function rangesText(ranges: readonly NeuronRange[]): string {
  const shown = ranges
    .slice(0, 8)
    .map(({ from, to }) => (to - from === 1 ? `${from}` : `${from} to ${to - 1}`));
  return [...shown, ...(ranges.length > shown.length ? ['…'] : [])].join(', ');
}
