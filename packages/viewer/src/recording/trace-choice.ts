/** Which recorded traces the plot of states shows: of chosen neurons, or the first ones. */
import type { RecordingFacts } from '../../../../src-ts/view/kinds/recording.ts';
import type { ChosenNeuron } from '../plots/neuron-choice.ts';

type Trace = RecordingFacts['traces'][number];

/** One column of a recorded trace. */
export interface TraceLine {
  readonly label: string;
  readonly kind: RecordingFacts['traces'][number]['kind'];
  readonly name: string;
  readonly column: number;
}

/** A set of traces that share an axis: a state of all populations, or one mean, field or connection. */
export interface TraceGroup {
  /** For the URL. */
  readonly id: string;
  readonly label: string;
  /** Empty if it is not known. */
  readonly unit: string;
  readonly traces: readonly Trace[];
}

/** Maximum number of lines; more would be indistinguishable. */
const maxLines = 6;

/** Lines that are shown where no neuron is chosen. */
const defaultLines = 3;

const kindNames = { state: 'state', mean: 'mean', field: 'field', weight: 'weights' } as const;

/** States by their name over all populations; everything else by itself. */
export function traceGroups(traces: readonly Trace[]): TraceGroup[] {
  const groups = new Map<string, { label: string; unit: string; traces: Trace[] }>();
  for (const trace of traces) {
    const state = trace.name.slice(trace.name.lastIndexOf('.') + 1);
    const unit = trace.unit === undefined ? '' : ` (${trace.unit})`;
    const [id, label] =
      trace.kind === 'state'
        ? [`state.${state}`, `${state}${unit}`]
        : [`${trace.kind}.${trace.name}`, `${kindNames[trace.kind]} ${trace.name}${unit}`];
    const group = groups.get(id) ?? { label, unit: trace.unit ?? '', traces: [] };
    group.traces.push(trace);
    groups.set(id, group);
  }
  return [...groups].map(([id, group]) => ({ id, ...group }));
}

/** The lines of a group: those of the chosen neurons, or, where none of them is recorded, the first ones. */
export function linesOf(
  { traces }: TraceGroup,
  chosen: readonly ChosenNeuron[],
  populations: RecordingFacts['populations'],
): TraceLine[] {
  const own = chosen.flatMap(({ population, neuron }): TraceLine[] => {
    const { name } = populations[population]!;
    const trace = traces.find((one) => one.population === name);
    if (trace === undefined) return [];
    const column = trace.neurons === undefined ? neuron : trace.neurons.indexOf(neuron);
    return column < 0 || column >= trace.columns ? [] : [lineOf(trace, column)];
  });
  if (own.length > 0) return own.slice(0, maxLines);
  return traces
    .flatMap((trace) =>
      Array.from({ length: Math.min(defaultLines, trace.columns) }, (_, column) => lineOf(trace, column)),
    )
    .slice(0, Math.max(defaultLines, Math.min(maxLines, traces.length)));
}

function lineOf({ kind, name, population, neurons, columns }: Trace, column: number): TraceLine {
  const label =
    kind !== 'state'
      ? columns === 1
        ? name
        : `${name}, synapse ${column}`
      : `${population} ${neurons?.[column] ?? column}`;
  return { label, kind, name, column };
}
