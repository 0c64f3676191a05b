/** What `writeSonataSpikes` and `writeSonataReport` do. */
import { options as checkOptions, finite, invalid, oneOf, text } from '../checks/check.ts';
import type { Recording } from '../circuit/recording.ts';
import { checkTask } from '../engine/native.ts';
import { Yielder } from '../engine/yielder.ts';
import type { FileTarget } from '../files/file-source.ts';
import { type Hdf5GroupSpec, type Hdf5Tree, hdf5Dataset, hdf5Group } from '../hdf5/describe.ts';
import { writeHdf5 } from '../hdf5/write.ts';
import type { SonataReportWriteOptions, SonataSpikesWriteOptions } from './report-options.ts';
import type { SonataReportData, SonataSorting, SonataSpikesData } from './report-types.ts';
import { sortedBy, unordered } from './spike-order.ts';

const sortings: readonly SonataSorting[] = ['none', 'by_id', 'by_time'];

/** What every file of SONATA has at its root. */
const fileAttributes = {
  magic: hdf5Dataset(Uint32Array.of(0x0a7a), { shape: [] }),
  version: Uint32Array.of(0, 1),
};

/** Steps of time that count as one, as a part of `dt`. */
const timeTolerance = 1e-6;

/** Columns and rows of a chunk: about 256 KiB in single precision. */
const [chunkRows, chunkColumns] = [1024, 64];

function isList(value: unknown): value is ArrayLike<number> {
  return (
    typeof value === 'object' && value !== null && typeof (value as ArrayLike<number>).length === 'number'
  );
}

/** By population, in the order of their declaration. */
export async function writeSpikes(
  target: FileTarget,
  spikes: Recording | Readonly<Record<string, SonataSpikesData>>,
  options: SonataSpikesWriteOptions,
): Promise<void> {
  const {
    signal,
    sorting = 'by_time',
    deflate,
  } = checkOptions('writeSonataSpikes', options, ['signal', 'sorting', 'deflate']);
  const task = checkTask({ ...(signal === undefined ? {} : { signal }) });
  oneOf('sorting', sorting, sortings);
  if (typeof spikes !== 'object' || spikes === null)
    invalid('spikes', spikes, 'a recording, or spikes by population');
  const recordedSpikes = isRecording(spikes)
    ? Object.keys(spikes.recorded).map((name): [string, SonataSpikesData] => [name, spikes.of(name)])
    : Object.entries(spikes);
  const yielder = new Yielder(signal);
  const groups: [string, Hdf5GroupSpec][] = [];
  for (const [name, data] of recordedSpikes)
    groups.push([name, await spikesGroup(`spikes.${name}`, data, sorting, deflate, yielder)]);
  await writeHdf5(target, hdf5Group({ spikes: Object.fromEntries(groups) }, fileAttributes), task);
}

/** Also one of another copy of the package. */
function isRecording(spikes: object): spikes is Recording {
  return 'recorded' in spikes && 'populations' in spikes && ArrayBuffer.isView((spikes as Recording).times);
}

async function spikesGroup(
  at: string,
  data: SonataSpikesData,
  sorting: SonataSorting,
  deflate: boolean | number | undefined,
  yielder: Yielder,
): Promise<Hdf5GroupSpec> {
  if (typeof data !== 'object' || data === null) invalid(at, data, 'an object with times and ids');
  const { times, ids, neuronIds, neurons } = data;
  const nodeIds = data.nodeIds ?? neuronIds;
  if (!isList(times)) invalid(`${at}.times`, times, 'a list of times in ms');
  if (!isList(ids) || ids.length !== times.length)
    invalid(`${at}.ids`, ids, `a train for each of ${times.length} times`);
  // Node ids of a whole population would silently be those of other neurons if only some of them are recorded.
  if (nodeIds !== undefined && neurons !== undefined && nodeIds.length !== neurons)
    invalid(
      `${at}.nodeIds`,
      `${nodeIds.length} node ids`,
      `${neurons}, one for each train${neuronIds === undefined ? '' : ' (neuronIds are the neurons of the trains)'}`,
    );
  const stamps = await yielder.filled(new Float64Array(times.length), (i) =>
    Number.isFinite(times[i]) ? times[i]! : finite(`${at}.times[${i}]`, times[i]),
  );
  const nodes = await yielder.filled(new Float64Array(ids.length), (i) => {
    const id = nodeIds === undefined ? ids[i] : nodeIds[ids[i]!];
    if (!Number.isSafeInteger(id) || id! < 0)
      invalid(
        nodeIds === undefined ? `${at}.ids[${i}]` : `${at}.nodeIds[${ids[i]}]`,
        id,
        'a whole number of at least 0',
      );
    return id!;
  });
  let order = unordered(stamps.length);
  if (sorting !== 'none') order = await sortedBy(order, stamps, yielder);
  if (sorting === 'by_id') order = await sortedBy(order, nodes, yielder);
  const stored = new BigUint64Array(order.length);
  await yielder.each(order.length, (i) => {
    stored[i] = BigInt(nodes[order[i]!]!);
  });
  const packed = deflate === undefined ? {} : { deflate };
  const enumeration = { enum: 'uint8', names: { none: 0, by_id: 1, by_time: 2 } } as const;
  return hdf5Group(
    {
      node_ids: hdf5Dataset(stored, packed),
      timestamps: hdf5Dataset(
        await yielder.filled(new Float64Array(order.length), (i) => stamps[order[i]!]!),
        {
          ...packed,
          attributes: { units: 'ms' },
        },
      ),
    },
    { sorting: hdf5Dataset([sortings.indexOf(sorting)], { type: enumeration, shape: [] }) },
  );
}

export async function writeReport(
  target: FileTarget,
  reports: Readonly<Record<string, SonataReportData>>,
  options: SonataReportWriteOptions,
): Promise<void> {
  const known = ['signal', 'type', 'deflate'] as const;
  const { signal, type = 'float32', deflate } = checkOptions('writeSonataReport', options, known);
  const task = checkTask({ ...(signal === undefined ? {} : { signal }) });
  oneOf('type', type, ['float32', 'float64']);
  if (typeof reports !== 'object' || reports === null) invalid('reports', reports, 'values by population');
  const groups: Record<string, Hdf5Tree> = {};
  for (const [name, data] of Object.entries(reports))
    groups[name] = reportGroup(`reports.${name}`, data, type, deflate);
  await writeHdf5(target, hdf5Group({ report: groups }, fileAttributes), task);
}

function reportGroup(
  at: string,
  data: SonataReportData,
  type: 'float32' | 'float64',
  deflate: boolean | number | undefined,
): Hdf5Tree {
  if (typeof data !== 'object' || data === null) invalid(at, data, 'an object with times and values');
  const { times, values, units, variable } = data;
  if (!isList(times)) invalid(`${at}.times`, times, 'a list of times in ms');
  if (!isList(values)) invalid(`${at}.values`, values, 'numbers [frames, elements]');
  const frames = times.length;
  const declared =
    data.elementIds?.length ?? data.pointers?.[data.pointers.length - 1] ?? data.nodeIds?.length;
  const elements = declared ?? (frames === 0 ? 0 : values.length / frames);
  if (!Number.isInteger(elements) || values.length !== frames * elements)
    invalid(
      `${at}.values`,
      `${values.length} values`,
      declared === undefined
        ? `a multiple of the ${frames} times`
        : `${frames} times of ${declared} elements`,
    );
  const nodeIds = wholes(`${at}.nodeIds`, data.nodeIds ?? counted(data.pointers?.length ?? elements + 1, -1));
  const pointers = wholes(`${at}.pointers`, data.pointers ?? counted(nodeIds.length, 1));
  if (pointers.length !== nodeIds.length + 1 || pointers.at(-1) !== BigInt(elements))
    invalid(
      `${at}.pointers`,
      `[${pointers.slice(0, 8).join(', ')}${pointers.length > 8 ? ' …' : ''}]`,
      `${nodeIds.length + 1} indices, the last one ${elements}, the number of elements`,
    );
  for (let i = 1; i < pointers.length; i++)
    if (pointers[i]! < pointers[i - 1]!)
      invalid(`${at}.pointers[${i}]`, pointers[i], `at least ${pointers[i - 1]}, the index before it`);
  if (new Set(nodeIds).size < nodeIds.length) invalid(`${at}.nodeIds`, 'a node twice', 'each node once');
  const shape = [frames, elements];
  const isEmpty = frames * elements === 0;
  const chunks = [Math.min(frames, chunkRows), Math.min(elements, chunkColumns)];
  const sorted = nodeIds.every((id, i) => i === 0 || nodeIds[i - 1]! <= id);
  return {
    data: hdf5Dataset(type === 'float32' ? new Float32Array(values) : new Float64Array(values), {
      shape,
      ...(isEmpty ? {} : { chunks }),
      ...(deflate === undefined || isEmpty ? {} : { deflate }),
      attributes: {
        // '' stands for a missing value.
        units: typeof units === 'string' ? units : text(`${at}.units`, units),
        ...(variable === undefined ? {} : { variable: text(`${at}.variable`, variable) }),
      },
    }),
    mapping: {
      node_ids: hdf5Dataset(nodeIds, {
        attributes: { sorted: hdf5Dataset(Uint8Array.of(Number(sorted)), { shape: [] }) },
      }),
      index_pointers: pointers,
      // The name that BMTK reads.
      index_pointer: pointers,
      element_ids: Uint32Array.from(
        wholes(`${at}.elementIds`, data.elementIds ?? new Uint8Array(elements), elements),
        Number,
      ),
      element_pos: positions(
        `${at}.elementPositions`,
        data.elementPositions ?? new Uint8Array(elements),
        elements,
      ),
      time: hdf5Dataset(gridOf(at, times, data.dt), { attributes: { units: 'ms' } }),
    },
  };
}

/** 0, 1, 2 …: as many as `n` and `more`. */
function counted(n: number, more: number): number[] {
  return Array.from({ length: Math.max(0, n + more) }, (_, i) => i);
}

function wholes(name: string, list: ArrayLike<number>, length?: number): BigUint64Array<ArrayBuffer> {
  if (!isList(list) || (length !== undefined && list.length !== length))
    invalid(name, list, length === undefined ? 'a list of whole numbers' : `${length} whole numbers`);
  return BigUint64Array.from({ length: list.length }, (_, i) => {
    const value = list[i];
    if (!Number.isSafeInteger(value) || value! < 0)
      invalid(`${name}[${i}]`, value, 'a whole number of at least 0');
    return BigInt(value!);
  });
}

function positions(name: string, list: ArrayLike<number>, length: number): Float32Array {
  if (!isList(list) || list.length !== length) invalid(name, list, `${length} numbers`);
  return Float32Array.from({ length }, (_, i) => finite(`${name}[${i}]`, list[i]));
}

/** Start, stop and step of the frames. */
function gridOf(at: string, times: ArrayLike<number>, given: number | undefined): Float64Array {
  const frames = times.length;
  const mean = frames > 1 ? (times[frames - 1]! - times[0]!) / (frames - 1) : undefined;
  // Without the last bits, which are those of the division.
  const dt = given ?? (mean === undefined ? undefined : Number(mean.toPrecision(12)));
  if (dt === undefined)
    invalid(`${at}.dt`, undefined, 'the time between two frames in ms, of fewer than two frames');
  finite(`${at}.dt`, dt, { above: 0 });
  const start = frames === 0 ? 0 : finite(`${at}.times[0]`, times[0]);
  for (let i = 1; i < frames; i++) {
    const expected = start + i * dt;
    if (!(Math.abs(times[i]! - expected) <= timeTolerance * dt + 1e-12 * Math.abs(expected)))
      invalid(`${at}.times[${i}]`, times[i], `${expected}, because frames are ${dt} ms apart`);
  }
  return Float64Array.of(start, Number((start + frames * dt).toPrecision(14)), dt);
}
