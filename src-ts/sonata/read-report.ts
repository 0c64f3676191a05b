/** Frame-oriented reports of SONATA: values of elements (compartments, synapses) of nodes over time. */
import { LapicqueError } from '../checks/errors.ts';
import type { Hdf5Dataset } from '../hdf5/file.ts';
import { type ReportFile, textOf } from './report-hdf5.ts';
import type { SonataReport } from './report-types.ts';

/** About what V8 takes for an entry of a map. */
const entryBytes = 64;

/** What of a report is read. */
export interface ReportWindow {
  /** In ms; default all frames. */
  readonly start?: number | undefined;
  readonly stop?: number | undefined;
  /** By population the nodes; default all. */
  readonly nodeIds?: Readonly<Record<string, ArrayLike<number>>> | undefined;
}

/** The part of `mapping` that says which column is what. */
interface Mapping {
  readonly nodeIds: Float64Array;
  readonly pointers: Uint32Array;
  readonly elementIds: Float64Array;
  readonly elementPositions: Float64Array | undefined;
}

/** Whether a file has a report of this kind, of today's layout or that without populations. */
export async function hasReport(file: ReportFile): Promise<boolean> {
  if ((await file.kind('report')) === 'group') return true;
  return (await file.kind('mapping')) === 'group' && (await file.kind('data')) === 'dataset';
}

/**
 * @param unnamed - the population of a file that names none
 * @throws LapicqueError `malformed-file` with the dataset and the index, `unsupported`, `too-large`, `aborted`
 */
export async function storedReports(
  file: ReportFile,
  unnamed: string,
  window: ReportWindow,
): Promise<Record<string, SonataReport>> {
  if (!(await hasReport(file))) throw file.error('it has no group report');
  if ((await file.kind('report')) !== 'group')
    return { [unnamed]: await reportOf(file, '', unnamed, window) };
  const all: [string, SonataReport][] = [];
  for (const [name, kind] of await file.members('report')) {
    if (kind !== 'group')
      throw file.error(`report/${name} is a ${kind}; expected a group for each population`);
    // A group without members is a population of which nothing was stored.
    if ((await file.members(`report/${name}`)).size === 0) continue;
    all.push([name, await reportOf(file, `report/${name}/`, name, window)]);
  }
  return Object.fromEntries(all);
}

async function reportOf(
  file: ReportFile,
  group: string,
  name: string,
  window: ReportWindow,
): Promise<SonataReport> {
  const warnings: string[] = [];
  const data = await file.dataset(`${group}data`, 2);
  const [frames, elements] = data.shape as readonly [number, number];
  const mapping = await mappingOf(file, group, elements);
  const grid = await gridOf(file, group, frames, warnings);
  const attributes = await file.attributes(data.path);
  const [units, variable] = [textOf(attributes.get('units')), textOf(attributes.get('variable'))];
  if (units === undefined) warnings.push(`${data.path} has no attribute units`);
  // Frames of which the time is in the window, whatever the last bits of their times are.
  const [first, last] = [window.start ?? grid.start, window.stop ?? Number.POSITIVE_INFINITY].map((time) =>
    Math.min(frames, Math.max(0, Math.ceil((time - grid.start) / grid.dt - 1e-6))),
  ) as [number, number];
  const count = Math.max(0, last - first);
  const chosen = await chosenNodes(file, group, mapping, window.nodeIds?.[name]);
  const values = await valuesOf(file, data, first, count, chosen.columns);
  file.take(`${group}mapping/time`, count);
  const times = await file.yielder.filled(new Float64Array(count), (k) => grid.start + (first + k) * grid.dt);
  const start = grid.start + first * grid.dt;
  return Object.freeze({
    ...chosen.mapping,
    times,
    values,
    start,
    stop: start + count * grid.dt,
    dt: grid.dt,
    units: units ?? '',
    ...(variable === undefined ? {} : { variable }),
    warnings: Object.freeze(warnings),
  });
}

/** The first of some names that a group has; older files have others. */
async function oneOfNames(file: ReportFile, group: string, names: readonly string[]): Promise<string> {
  for (const name of names) if ((await file.kind(`${group}${name}`)) !== undefined) return `${group}${name}`;
  throw file.error(`${group}${names[0]} is missing`);
}

async function mappingOf(file: ReportFile, group: string, elements: number): Promise<Mapping> {
  const at = `${group}mapping/`;
  const idsAt = await oneOfNames(file, at, ['node_ids', 'gids']);
  const nodeIds = await file.wholes(idsAt);
  const seen = new Map<number, number>();
  file.take(`nodes of ${idsAt}`, nodeIds.length, entryBytes);
  await file.yielder.each(nodeIds.length, (i) => {
    const before = seen.get(nodeIds[i]!);
    if (before !== undefined)
      throw file.error(`${idsAt}[${i}] is ${nodeIds[i]}, as ${idsAt}[${before}]; expected each node once`);
    seen.set(nodeIds[i]!, i);
  });
  const pointersAt = await oneOfNames(file, at, ['index_pointers', 'index_pointer']);
  const stored = await file.wholes(pointersAt);
  // The guide says one per node; libsonata and BMTK have the end of the last one, too.
  if (stored.length !== nodeIds.length && stored.length !== nodeIds.length + 1)
    throw file.error(
      `${pointersAt} has ${stored.length} values for ${nodeIds.length} nodes; expected ${nodeIds.length + 1}`,
    );
  const pointers = new Uint32Array(nodeIds.length + 1);
  pointers[nodeIds.length] = elements;
  await file.yielder.each(stored.length, (i) => {
    if (stored[i]! > elements)
      throw file.error(
        `${pointersAt}[${i}] is ${stored[i]}; expected at most ${elements}, the columns of ${group}data`,
      );
    if (i > 0 && stored[i]! < stored[i - 1]!)
      throw file.error(`${pointersAt}[${i}] is ${stored[i]}, below ${stored[i - 1]} before it`);
    pointers[i] = stored[i]!;
  });
  const elementsAt = await oneOfNames(file, at, ['element_ids', 'element_id']);
  const elementIds = await file.wholes(elementsAt);
  const positionsAt = `${at}element_pos`;
  const elementPositions =
    (await file.kind(positionsAt)) === undefined ? undefined : await file.finites(positionsAt);
  for (const [name, values] of [
    [elementsAt, elementIds],
    [positionsAt, elementPositions],
  ] as const)
    if (values !== undefined && values.length !== elements)
      throw file.error(
        `${name} has ${values.length} values; expected ${elements}, the columns of ${group}data`,
      );
  return { nodeIds, pointers, elementIds, elementPositions };
}

/** Times of the frames in ms. */
async function gridOf(
  file: ReportFile,
  group: string,
  frames: number,
  warnings: string[],
): Promise<{ start: number; dt: number }> {
  const at = `${group}mapping/time`;
  const stored = await file.finites(at);
  if (stored.length !== 3)
    throw file.error(`${at} has ${stored.length} values; expected 3: start, stop and step`);
  const unit = await file.unitOfTime(at, warnings);
  const [start, stop, dt] = stored.map((time) => time * unit) as unknown as [number, number, number];
  if (!(dt > 0)) throw file.error(`${at}[2] is ${stored[2]}; expected a step above 0`);
  if (stop < start) throw file.error(`${at}[1] is ${stored[1]}, before the start at ${stored[0]}`);
  const expectedFrames = Math.round((stop - start) / dt);
  // BMTK's PointNet has the time of the last frame as stop.
  if (expectedFrames === frames - 1)
    warnings.push(`${at} stops at the last frame: it is taken for a frame, as BMTK's PointNet writes it`);
  else if (expectedFrames !== frames)
    throw file.error(
      `${at} says ${expectedFrames} frames (${start} to ${stop} ms by ${dt} ms) for ${frames} rows of ${group}data`,
    );
  return { start, dt };
}

/** The columns of some nodes, in their order, and what they are. */
async function chosenNodes(
  file: ReportFile,
  group: string,
  mapping: Mapping,
  nodeIds: ArrayLike<number> | undefined,
): Promise<{
  mapping: Omit<Mapping, 'elementPositions'> & { elementPositions?: Float64Array };
  columns: Uint32Array | undefined;
}> {
  const { elementPositions, ...rest } = mapping;
  const positions = (values: Float64Array | undefined) =>
    values === undefined ? {} : { elementPositions: values };
  const total = mapping.elementIds.length;
  const isWhole = mapping.pointers[0] === 0 && mapping.pointers.at(-1) === total;
  if (nodeIds === undefined && isWhole)
    return { mapping: { ...rest, ...positions(elementPositions) }, columns: undefined };
  const selectedIds = nodeIds ?? mapping.nodeIds;
  const positionOf = new Map(Array.from(mapping.nodeIds, (id, i) => [id, i]));
  const pointers = new Uint32Array(selectedIds.length + 1);
  const indices = await file.yielder.filled(new Uint32Array(selectedIds.length), (i) => {
    const found = positionOf.get(selectedIds[i]!);
    if (found === undefined)
      throw new LapicqueError('invalid-parameter', {
        name: `nodeIds[${i}]`,
        value: String(selectedIds[i]),
        expected: `a node of ${group}mapping/node_ids`,
      });
    pointers[i + 1] = pointers[i]! + mapping.pointers[found + 1]! - mapping.pointers[found]!;
    return found;
  });
  const columns = new Uint32Array(pointers.at(-1)!);
  await file.yielder.each(indices.length, (i) => {
    const from = mapping.pointers[indices[i]!]!;
    for (let k = pointers[i]!; k < pointers[i + 1]!; k++) columns[k] = from + k - pointers[i]!;
  });
  const of = (values: Float64Array) => Float64Array.from(columns, (column) => values[column]!);
  return {
    mapping: {
      nodeIds: Float64Array.from(selectedIds),
      pointers,
      elementIds: of(mapping.elementIds),
      ...positions(elementPositions === undefined ? undefined : of(elementPositions)),
    },
    columns,
  };
}

/** Some frames of some columns; all columns where none are named. */
async function valuesOf(
  file: ReportFile,
  data: Hdf5Dataset,
  first: number,
  frames: number,
  columns: Uint32Array | undefined,
): Promise<Float64Array> {
  const width = data.shape![1]!;
  if (frames === 0 || width === 0 || columns?.length === 0) return new Float64Array(0);
  if (columns === undefined) return file.numbers(data, [first, 0], [frames, width]);
  let [low, high] = [width, 0];
  for (const column of columns) [low, high] = [Math.min(low, column), Math.max(high, column + 1)];
  const read = await file.numbers(data, [first, low], [frames, high - low]);
  file.take(data.path, frames * columns.length);
  const of = columns.length;
  return file.yielder.filled(
    new Float64Array(frames * of),
    (i) => read[Math.floor(i / of) * (high - low) + columns[i % of]! - low]!,
  );
}
