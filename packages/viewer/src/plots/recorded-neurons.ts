/** Which of a population's neurons a raster can show, and which of the shown ones are recorded. */
import type { RecordingFacts } from '../../../../src-ts/view/kinds/recording.ts';
import type { NeuronRange } from './neuron-choice.ts';

type Ranges = RecordingFacts['populations'][number]['recordedRanges'];

/** From the first recorded neuron to the last one; all if none is recorded. */
export function wholeRange(recorded: Ranges, size: number): NeuronRange {
  return { first: recorded[0]?.from ?? 0, last: recorded.at(-1)?.to ?? size };
}

/** The number of recorded neurons in a range. */
export function recordedIn(recorded: Ranges, { first, last }: NeuronRange): number {
  return recorded.reduce(
    (sum, { from, to }) => sum + Math.max(0, Math.min(to, last) - Math.max(from, first)),
    0,
  );
}

/** The neurons of a range that are not recorded. */
export function unrecordedIn(recorded: Ranges, { first, last }: NeuronRange): NeuronRange[] {
  const gaps: NeuronRange[] = [];
  let next = first;
  for (const { from, to } of recorded) {
    gaps.push({ first: next, last: Math.min(from, last) });
    next = Math.max(next, to);
  }
  gaps.push({ first: next, last });
  return gaps.filter((gap) => gap.first < gap.last);
}
