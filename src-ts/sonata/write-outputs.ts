/** The output files of a SONATA simulation: those that its configuration asks for, of a recording of its network. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { options as checkOptions, filePath, invalid, unknownName } from '../checks/check.ts';
import { ioError } from '../checks/errors.ts';
import type { Recording } from '../circuit/recording.ts';
import { Yielder } from '../engine/yielder.ts';
import { writePieces } from '../files/file-source.ts';
import { type Config, optionalFlag } from './config.ts';
import { malformed } from './json.ts';
import { type Built, isSource, neuronsOf } from './nodes.ts';
import { checkPlaces, within } from './output-paths.ts';
import type { PlannedReport, Plans } from './report-plans.ts';
import type { SonataReportData, SonataSorting, SonataSpikesData } from './report-types.ts';
import type { SonataOutputOptions } from './sonata-circuit.ts';
import { sortedBy, unordered } from './spike-order.ts';
import { writeReport, writeSpikes } from './write-reports.ts';

/** What BMTK calls orders. */
const sortings: Readonly<Record<string, SonataSorting>> = {
  ...{ none: 'none', by_id: 'by_id', id: 'by_id', by_time: 'by_time', time: 'by_time' },
};

/** Outputs of a configuration, checked when it is loaded. */
export interface Outputs {
  /** The configuration. */
  readonly config: string;
  /** `output_dir`. */
  readonly folder: string;
  /** Whether the folder is that of the configuration or below it; only then is it written to without being named by the caller. */
  readonly inside: boolean;
  readonly spikes: string;
  /** The same as a table. */
  readonly csv: string | undefined;
  readonly sorting: SonataSorting;
  readonly overwrite: boolean;
}

/** @param warnings - receives what is not written */
export function outputsOf(config: Config, warnings: string[]): Outputs {
  const { output, path } = config;
  const { output_dir: folder = resolve(dirname(path), 'output'), overwrite_output_dir: overwrite } = output;
  const nameOf = (key: string, value: unknown) => {
    if (typeof value !== 'string' || value === '')
      throw malformed(path, `output.${key} should be a file name`);
    return value;
  };
  const spikes = nameOf('spikes_file', output.spikes_file ?? 'spikes.h5');
  const { spikes_file_csv: table, spikes_file_nwb: nwb } = output;
  const order = output.spikes_sort_order ?? 'by_time';
  const sorting = Object.hasOwn(sortings, String(order)) ? sortings[String(order)] : undefined;
  if (sorting === undefined)
    warnings.push(`${path}: output.spikes_sort_order is ${JSON.stringify(order)}: by_time is taken`);
  if (nwb !== undefined && nwb !== null)
    warnings.push(`${path}: output.spikes_file_nwb is not written: spikes are written as HDF5`);
  const inside = within(dirname(path), folder as string) !== undefined;
  if (!inside)
    warnings.push(
      `${path}: output_dir is ${folder}, outside of the folder of the configuration: writeReports needs the option folder`,
    );
  return {
    config: path,
    folder: folder as string,
    inside,
    spikes,
    csv: table === undefined || table === null ? undefined : nameOf('spikes_file_csv', table),
    sorting: sorting ?? 'by_time',
    overwrite: optionalFlag(path, 'output.overwrite_output_dir', overwrite) ?? true,
  };
}

/**
 * @param read - the files that the network was read from, which are never replaced
 * @returns the paths of the files
 */
export async function writeOutputs(
  outputs: Outputs,
  { reports, columns }: Plans,
  built: ReadonlyMap<string, Built>,
  recording: Recording,
  options: SonataOutputOptions,
  read: ReadonlySet<string>,
): Promise<string[]> {
  const { folder: outputFolder, signal } = checkOptions('writeReports', options, ['folder', 'signal']);
  const task = signal === undefined ? {} : { signal };
  if (typeof recording !== 'object' || recording === null || typeof recording.populations !== 'object')
    invalid('recording', recording, 'a recording of this network, from simulate()');
  const folder = outputFolder === undefined ? outputs.folder : resolve(filePath('folder', outputFolder));
  if (outputFolder === undefined && !outputs.inside)
    invalid(
      'output_dir',
      folder,
      `a folder below that of the configuration (${dirname(outputs.config)}), or the option folder`,
    );
  const { csv } = outputs;
  const names = [outputs.spikes, ...reports.map(({ file }) => file), ...(csv === undefined ? [] : [csv])];
  const files = names.map((file) => placed(outputs.folder, folder, file));
  const twice = files.find((file, i) => files.indexOf(file) < i);
  if (twice !== undefined) invalid('file_name', twice, 'a file for each output');
  if (outputFolder !== undefined) await made(folder);
  await checkPlaces(outputFolder === undefined ? dirname(outputs.config) : folder, files, read);
  if (!outputs.overwrite) for (const file of files) await checkAbsent(file);
  const spikes = spikesOf(built, recording);
  const yielder = new Yielder(signal);
  for (const [i, file] of files.entries()) {
    await made(dirname(file));
    if (i === 0) await writeSpikes(file, spikes, { sorting: outputs.sorting, ...task });
    else if (i > reports.length) await writeTable(file, spikes, task);
    else await writeReport(file, await reportData(reports[i - 1]!, columns, recording, yielder), task);
  }
  return files;
}

/** Spikes in text, a line each by time, as BMTK writes them. */
async function writeTable(
  file: string,
  spikes: Readonly<Record<string, SonataSpikesData>>,
  task: { readonly signal?: AbortSignal },
): Promise<void> {
  const yielder = new Yielder(task.signal);
  const lines: (readonly [time: number, line: string])[] = [];
  for (const [population, { times, ids, nodeIds }] of Object.entries(spikes)) {
    const quoted = /[\s"]/.test(population) ? `"${population.replaceAll('"', '""')}"` : population;
    await yielder.each(times.length, (i) => {
      lines.push([times[i]!, `${Number(times[i]!.toPrecision(14))} ${quoted} ${nodeIds![ids[i]!]}`]);
    });
  }
  const order = await sortedBy(
    unordered(lines.length),
    Float64Array.from(lines, ([time]) => time),
    yielder,
  );
  const text = ['timestamps population node_ids', ...Array.from(order, (i) => lines[i]![1]), ''].join('\n');
  await writePieces('spikes_file_csv', file, [Buffer.from(text)], task.signal);
}

/** A file of a configuration, which must not lead out of the folder of outputs. */
function placed(from: string, folder: string, file: string): string {
  const path = within(from, resolve(from, file));
  if (path === undefined || path === '')
    invalid('file_name', file, `a file in the folder of outputs (${from})`);
  return join(folder, path);
}

async function made(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error) => {
    throw ioError(folder, error);
  });
}

async function checkAbsent(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found !== undefined)
    invalid('file_name', file, 'a new file, because overwrite_output_dir is false: give another folder');
}

function rangeOf(recording: Recording, name: string) {
  const range = Object.hasOwn(recording.populations, name) ? recording.populations[name] : undefined;
  if (range === undefined)
    throw unknownName('population of the recording', name, Object.keys(recording.populations));
  return range;
}

/** Spikes of all neurons by their population of nodes, in the order of the recording. */
function spikesOf(built: ReadonlyMap<string, Built>, recording: Recording): Record<string, SonataSpikesData> {
  const nodeOf = new Map<number, readonly [population: string, id: number]>();
  const spikes = new Map<string, { times: number[]; ids: number[]; nodeIds: Float64Array }>();
  for (const [population, { parts, ids }] of built) {
    for (const part of parts) {
      if (isSource(part.cellsOrSource)) continue;
      const { first } = rangeOf(recording, neuronsOf(part).name!);
      spikes.set(population, { times: [], ids: [], nodeIds: ids });
      part.nodes.forEach((node, i) => {
        nodeOf.set(first + i, [population, node]);
      });
    }
  }
  for (let i = 0; i < recording.ids.length; i++) {
    const found = nodeOf.get(recording.ids[i]!);
    if (found === undefined) continue;
    const own = spikes.get(found[0])!;
    own.times.push(recording.times[i]!);
    own.ids.push(found[1]);
  }
  return Object.fromEntries(spikes);
}

/** Frames of a report by population of nodes: those of its times that the recording has. */
async function reportData(
  report: PlannedReport,
  columns: Plans['columns'],
  recording: Recording,
  yielder: Yielder,
): Promise<Record<string, SonataReportData>> {
  const { start, end, dt, units, variable } = report;
  const all: [string, SonataReportData][] = [];
  for (const [population, nodeIds] of Object.entries(report.nodeIds)) {
    const column = new Map(Array.from(nodeIds, (id, i) => [id, i]));
    let data: { times: Float64Array; values: Float64Array } | undefined;
    for (const part of report.parts) {
      if (part.population !== population) continue;
      const trace = Object.hasOwn(recording.traces, part.trace) ? recording.traces[part.trace] : undefined;
      if (trace === undefined)
        throw unknownName('trace of the recording', part.trace, Object.keys(recording.traces));
      const frames = Uint32Array.from(trace.times.keys()).filter((k) => {
        const after = (trace.times[k]! - start) / dt;
        return (
          after > 0.5 && Math.abs(after - Math.round(after)) < 1e-6 && trace.times[k]! <= end + 1e-6 * dt
        );
      });
      data ??= {
        times: Float64Array.from(frames, (k) => trace.times[k]!),
        values: new Float64Array(frames.length * nodeIds.length),
      };
      const { values } = data;
      const recorded = columns.get(part.trace)!;
      const width = recorded.length;
      const from = new Map(Array.from(recorded, (neuron, i) => [neuron, i]));
      for (let i = 0; i < part.neurons.length; i++) {
        const [source, target] = [from.get(part.neurons[i]!)!, column.get(part.nodeIds[i]!)!];
        await yielder.each(frames.length, (k) => {
          values[k * nodeIds.length + target] = trace.values[frames[k]! * width + source]!;
        });
      }
    }
    all.push([population, { ...data!, nodeIds, dt, units, variable }]);
  }
  return Object.fromEntries(all);
}
