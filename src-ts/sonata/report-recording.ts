/** What `sonataRecording` does. */
import { options as checkOptions, finite, invalid } from '../checks/check.ts';
import { recordedRanges } from '../circuit/recorded-neurons.ts';
import { Recording } from '../circuit/recording.ts';
import type { PopulationRange, StateTrace } from '../circuit/traces.ts';
import { Yielder } from '../engine/yielder.ts';
import type { SonataRecordingParts } from './report-options.ts';
import type { SonataReport, SonataSpikes } from './report-types.ts';
import { sortedBy, unordered } from './spike-order.ts';

export async function recordingOf(parts: SonataRecordingParts): Promise<Recording> {
  const checked = checkOptions('sonataRecording', parts, ['spikes', 'reports', 'start', 'stop']);
  const spikes = Object.entries(checked.spikes ?? {});
  const reports = Object.entries(checked.reports ?? {}).flatMap(([variable, all]) =>
    Object.entries(all).map(([population, report]) => ({
      name: `${population}.${variable}`,
      population,
      report,
    })),
  );
  const spans = [
    ...spikes.map(([, { start = 0, stop }]) => [start, stop]),
    ...reports.map(({ report }) => [report.start, report.stop]),
  ];
  if (spans.length === 0)
    invalid('parts', 'no spikes and no reports', 'a result of readSonataSpikes() or readSonataReport()');
  const start = finite(
    'start',
    checked.start ?? spans.reduce((min, [from]) => Math.min(min, from!), Number.POSITIVE_INFINITY),
  );
  const stop = finite('stop', checked.stop ?? spans.reduce((max, [, to]) => Math.max(max, to!), start), {
    min: start,
  });

  // Neurons of a population are the nodes that any part names.
  const nodes = new Map<string, Set<number>>();
  for (const [population, { nodeIds }] of [
    ...spikes,
    ...reports.map(({ population, report }): [string, SonataReport] => [population, report]),
  ]) {
    const all = nodes.get(population) ?? new Set();
    nodes.set(population, all);
    for (const id of nodeIds) all.add(id);
  }
  const populations: Record<string, PopulationRange> = {};
  const neuronOf = new Map<string, ReadonlyMap<number, number>>();
  let first = 0;
  for (const [population, all] of nodes) {
    const ids = Float64Array.from(all).sort();
    const from = first;
    neuronOf.set(population, new Map(Array.from(ids, (id, i) => [id, from + i])));
    populations[population] = { first, size: ids.length };
    first += ids.length;
  }
  const traces = reports.map(({ name, population, report }): [string, StateTrace] => {
    const { nodes, ...trace } = traceOf(report);
    const { first } = populations[population]!;
    const neurons = Uint32Array.from(nodes, (node) => neuronOf.get(population)!.get(node)! - first);
    return [name, { ...trace, neurons, unit: report.units }];
  });
  return new Recording({
    ...(await joined(spikes, neuronOf)),
    traces: Object.fromEntries(traces),
    ...{ means: {}, lfp: {}, weights: [], populations },
    // A simulation writes the spikes of all nodes.
    recordedRanges: recordedRanges(
      populations,
      spikes.map(([name]) => name),
    ),
    start,
    stop,
    duration: stop - start,
    synapticEvents: Number.NaN,
  });
}

/** All spikes by time, those of one time by neuron. */
async function joined(
  spikes: readonly (readonly [string, SonataSpikes])[],
  neuronOf: ReadonlyMap<string, ReadonlyMap<number, number>>,
): Promise<{ times: Float64Array; ids: Uint32Array }> {
  const yielder = new Yielder();
  const total = spikes.reduce((sum, [, { times }]) => sum + times.length, 0);
  const [times, ids] = [new Float64Array(total), new Uint32Array(total)];
  let at = 0;
  for (const [population, { times: own, ids: trains, nodeIds }] of spikes) {
    const neurons = neuronOf.get(population)!;
    for (let i = 0; i < own.length; i++) {
      times[at] = own[i]!;
      ids[at++] = neurons.get(nodeIds[trains[i]!]!)!;
    }
  }
  const byNeuron = await sortedBy(unordered(total), Float64Array.from(ids), yielder);
  const order = await sortedBy(byNeuron, times, yielder);
  return {
    times: await yielder.filled(new Float64Array(total), (i) => times[order[i]!]!),
    ids: await yielder.filled(new Uint32Array(total), (i) => ids[order[i]!]!),
  };
}

/** One element of each node, and the nodes. */
function traceOf({ times, values, nodeIds, pointers, elementIds }: SonataReport) {
  const elements = elementIds.length;
  const columns: number[] = [];
  const nodes: number[] = [];
  for (let i = 0; i + 1 < pointers.length; i++) {
    let column = pointers[i]!;
    for (let k = column; k < pointers[i + 1]!; k++) if (elementIds[k]! < elementIds[column]!) column = k;
    if (column >= pointers[i + 1]!) continue;
    columns.push(column);
    nodes.push(nodeIds[i]!);
  }
  if (columns.length === elements) return { nodes, times, values };
  const own = new Float64Array(times.length * columns.length);
  for (let frame = 0; frame < times.length; frame++)
    for (let i = 0; i < columns.length; i++)
      own[frame * columns.length + i] = values[frame * elements + columns[i]!]!;
  return { nodes, times, values: own };
}
