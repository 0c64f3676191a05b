/** `lapicque inspect` of SONATA's output reports. */
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { hasReport } from '../sonata/read-report.ts';
import { hasSpikes } from '../sonata/read-spikes.ts';
import { withReportFile } from '../sonata/report-hdf5.ts';
import { readSonataReport, readSonataSpikes } from '../sonata/reports.ts';
import { interruption } from './interrupt.ts';
import { bytes, grouped, output, printable, table } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';
import { checkReadable } from './tensors.ts';

/** What of SONATA an HDF5 file has; nothing for other files. */
async function contentOf(path: string): Promise<readonly ('spikes' | 'report')[]> {
  return withReportFile(path, { signal: interruption() }, async (file) => [
    ...((await hasSpikes(file)) ? (['spikes'] as const) : []),
    ...((await hasReport(file)) ? (['report'] as const) : []),
  ]);
}

/** @returns whether the file was one of SONATA's outputs */
export async function inspectSonata(path: string, options: CommonOptions): Promise<boolean> {
  if (!['.h5', '.hdf5'].includes(extname(path).toLowerCase())) return false;
  await prepare(options);
  checkReadable(path, ['.h5', '.hdf5']);
  const content = await contentOf(path);
  if (content.length === 0) return false;
  const signal = interruption();
  const spikes = content.includes('spikes') ? Object.entries(await readSonataSpikes(path, { signal })) : [];
  const reports = content.includes('report') ? Object.entries(await readSonataReport(path, { signal })) : [];
  const summary = {
    path,
    kind: 'sonata',
    bytes: statSync(path).size,
    spikes: spikes.map(([population, { times, neurons, sorting }]) => ({
      ...{ population, spikes: times.length, firing: neurons, sorting },
      ...rangeOf(times),
    })),
    reports: reports.map(([population, report]) => ({
      population,
      variable: report.variable ?? null,
      units: report.units,
      nodes: report.nodeIds.length,
      elements: report.elementIds.length,
      frames: report.times.length,
      ...{ start: report.start, stop: report.stop, dt: report.dt },
      ...rangeOf(report.values),
    })),
    warnings: [...spikes, ...reports].flatMap(([, { warnings }]) => warnings),
  };
  output(options.json === true).result(summary, () =>
    [
      `${path}: SONATA ${content.map((one) => (one === 'report' ? 'report' : 'spikes')).join(' and ')}, ${bytes(summary.bytes)}`,
      ...(summary.spikes.length === 0
        ? []
        : [
            table([
              ['population', 'spikes', 'firing nodes', 'time in ms', 'sorting'],
              ...summary.spikes.map(({ population, spikes, firing, min, max, sorting }) => [
                ...[population, grouped(spikes), grouped(firing)],
                spikes === 0 ? '' : `${min} to ${max}`,
                sorting,
              ]),
            ]),
          ]),
      ...(summary.reports.length === 0
        ? []
        : [
            table([
              ['population', 'variable', 'nodes', 'elements', 'frames', 'time in ms', 'values'],
              ...summary.reports.map(({ population, variable, nodes, elements, frames, ...report }) => [
                ...[population, variable ?? '', grouped(nodes), grouped(elements), grouped(frames)],
                `${report.start} to ${report.stop} by ${report.dt}`,
                frames * elements === 0
                  ? ''
                  : `${report.min.toPrecision(4)} to ${report.max.toPrecision(4)} ${report.units}`,
              ]),
            ]),
          ]),
      ...summary.warnings.map((warning) => printable(`warning: ${warning}`)),
    ].join('\n'),
  );
  return true;
}

function rangeOf(values: Float64Array): { min: number; max: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}
