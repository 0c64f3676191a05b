/** What `readSonataSpikes` and `readSonataReport` do. Loaded when they are called: most programs read no SONATA. */
import { options as checkOptions, finite, invalid, text } from '../checks/check.ts';
import { checkTask } from '../engine/native.ts';
import type { FileSource } from '../files/file-source.ts';
import { storedReports } from './read-report.ts';
import { type StoredSpikes, storedSpikes } from './read-spikes.ts';
import { type ReportFile, withReportFile } from './report-hdf5.ts';
import type { SonataReportOptions, SonataSpikesOptions } from './report-options.ts';
import type { SonataReport, SonataSpikes } from './report-types.ts';

/** The population of a file from before populations were part of the format. */
const unnamed = 'default';

/** About what V8 takes for an entry of a map, and entries that are counted together. */
const [entryBytes, entriesPerCheck] = [64, 4096];

export async function readSpikes(
  source: FileSource,
  options: SonataSpikesOptions,
): Promise<Record<string, SonataSpikes>> {
  const known = ['signal', 'limits', 'population', 'nodes', 'start', 'stop'] as const;
  const checked = checkOptions('readSonataSpikes', options, known);
  const { signal, nodes = {}, population = unnamed } = checked;
  checkTask({ ...(signal === undefined ? {} : { signal }) });
  text('population', population);
  const window = windowOf(checked);
  if (typeof nodes !== 'object')
    invalid('nodes', nodes, 'the nodes of a loadSonata, or { population: { ids } }');
  return withReportFile(source, checked, async (file) => {
    const stored = await storedSpikes(file);
    // Populations of one file are of one simulation.
    let [earliest, latest] = [0, 0];
    for (const { times } of stored)
      await file.yielder.each(times.length, (i) => {
        earliest = Math.min(earliest, times[i]!);
        latest = Math.max(latest, times[i]!);
      });
    const { start = earliest, stop = Math.max(start, latest) } = window;
    const all: [string, SonataSpikes][] = [];
    for (const spikes of stored) {
      const name = spikes.population ?? population;
      const ids = Object.hasOwn(nodes, name) ? nodes[name]!.ids : undefined;
      if (ids !== undefined && typeof ids.length !== 'number')
        invalid(`nodes.${name}.ids`, ids, 'the node_id of each node');
      all.push([name, await trainsOf(file, spikes, ids, start, stop)]);
    }
    return Object.fromEntries(all);
  });
}

async function trainsOf(
  file: ReportFile,
  { at, ids: stored, times: storedTimes, sorting, warnings }: StoredSpikes,
  nodes: ArrayLike<number> | undefined,
  start: number,
  stop: number,
): Promise<SonataSpikes> {
  const trainOf = new Map<number, number>();
  if (nodes === undefined) {
    // Only the nodes that fire are in the file.
    await file.yielder.each(stored.length, (i) => {
      if (trainOf.has(stored[i]!)) return;
      trainOf.set(stored[i]!, 0);
      if (trainOf.size % entriesPerCheck === 0) file.take(`nodes of ${at.ids}`, entriesPerCheck, entryBytes);
    });
  }
  const nodeIds = Float64Array.from(nodes ?? [...trainOf.keys()]);
  if (nodes === undefined) nodeIds.sort();
  await file.yielder.each(nodeIds.length, (i) => {
    trainOf.set(nodeIds[i]!, i);
  });
  let kept = 0;
  await file.yielder.each(stored.length, (i) => {
    if (!trainOf.has(stored[i]!))
      throw file.error(
        `${at.ids}[${i}] is ${stored[i]}; expected one of the ${nodeIds.length} nodes of its population`,
      );
    if (storedTimes[i]! >= start && storedTimes[i]! <= stop) kept += 1;
  });
  file.take(at.times, 2 * kept);
  const [times, ids] = [new Float64Array(kept), new Uint32Array(kept)];
  let next = 0;
  await file.yielder.each(stored.length, (i) => {
    const time = storedTimes[i]!;
    if (time < start || time > stop) return;
    times[next] = time;
    ids[next++] = trainOf.get(stored[i]!)!;
  });
  return Object.freeze({ times, ids, neurons: nodeIds.length, start, stop, nodeIds, sorting, warnings });
}

export async function readReport(
  source: FileSource,
  options: SonataReportOptions,
): Promise<Record<string, SonataReport>> {
  const known = ['signal', 'limits', 'population', 'nodeIds', 'start', 'stop'] as const;
  const checked = checkOptions('readSonataReport', options, known);
  const { signal, nodeIds, population = unnamed } = checked;
  checkTask({ ...(signal === undefined ? {} : { signal }) });
  text('population', population);
  const window = windowOf(checked);
  if (nodeIds !== undefined)
    for (const [name, ids] of Object.entries(nodeIds))
      if (typeof ids?.length !== 'number') invalid(`nodeIds.${name}`, ids, 'a list of node_id');
  return withReportFile(source, checked, (file) => storedReports(file, population, { ...window, nodeIds }));
}

function windowOf({ start, stop }: { start?: number | undefined; stop?: number | undefined }) {
  if (start !== undefined) finite('start', start);
  if (stop !== undefined) finite('stop', stop, start === undefined ? {} : { min: start });
  return {
    ...(start === undefined ? {} : { start }),
    ...(stop === undefined ? {} : { stop }),
  };
}
