/** A report from plain data: checks it, draws the figures, writes the files. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as check from '../check.ts';
import { ioError, isError, throwIfAborted } from '../errors.ts';
import { writeAtomic } from '../file-source.ts';
import { checkTask, type TaskOptions } from '../native.ts';
import { drawActivity } from './activity.ts';
import { type Figure, openCanvas } from './canvas.ts';
import { checkReport } from './check.ts';
import { drawConfusion } from './confusion.ts';
import { drawCurves } from './curves.ts';
import type { Report } from './data.ts';
import { drawMembrane } from './membrane.ts';
import { page } from './page.ts';
import { standalone, toPng } from './png.ts';
import { drawRaster } from './raster.ts';
import { drawRates } from './rates.ts';
import { plainReport } from './returned.ts';

/** Which files {@link writeReport} writes. */
export interface ReportOptions extends Pick<TaskOptions, 'signal'> {
  /** Default `['html', 'png']`; `svg` and `png` are one file a figure. */
  formats?: readonly ('html' | 'png' | 'svg')[];
}

/**
 * Writes `report.html`, a self-contained page, and the figures as files beside it.
 *
 * @param into - the folder: made when absent; files of the same names are replaced
 * @returns the paths written, the page first
 * @throws LapicqueError `shape-mismatch` or `invalid-parameter` for data that do not fit together, `io`, `aborted` (between
 * two figures or files; those written stay)
 */
export async function writeReport(
  into: string | URL,
  report: Report,
  options?: ReportOptions,
): Promise<string[]> {
  const folder = check.filePath('folder', into);
  const { formats = ['html', 'png'], signal } = check.options('writeReport', options, ['formats', 'signal']);
  checkTask({ signal });
  if (!Array.isArray(formats)) check.invalid('formats', formats, "a list of 'html', 'png' and 'svg'");
  throwIfAborted(signal);
  for (const format of formats) check.oneOf('report format', format, ['html', 'png', 'svg']);
  const figures = await drawFigures(report);
  const files: [name: string, content: string | Uint8Array][] = [];
  if (formats.includes('html')) files.push(['report.html', page(report, figures)]);
  for (const figure of figures) {
    throwIfAborted(signal);
    const svg = standalone(figure);
    if (formats.includes('png')) files.push([`${figure.name}.png`, await toPng(svg)]);
    if (formats.includes('svg')) files.push([`${figure.name}.svg`, svg]);
  }
  try {
    throwIfAborted(signal);
    await makeFolder(folder);
    for (const [name, content] of files) {
      throwIfAborted(signal);
      await writeAtomic(join(folder, name), content);
    }
  } catch (error) {
    throwIfAborted(signal);
    if (isError(error, 'io')) throw error;
    throw ioError(folder, error);
  }
  return files.map(([name]) => join(folder, name));
}

/** Makes a folder and those above it. Node's own recursive form never comes back where the system makes none, as in /proc. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    const above = dirname(folder);
    if (code !== 'ENOENT' || above === folder) throw error;
    await makeFolder(above);
    await mkdir(folder).catch((again: NodeJS.ErrnoException) => {
      if (again.code !== 'EEXIST') throw again;
    });
  }
}

/** Draws what the report has data for. */
export async function drawFigures(given: Report): Promise<Figure[]> {
  const report = plainReport(given);
  checkReport(report);
  const { history, raster, traces, rates, activity, confusion } = report;
  const { plot, draw } = await openCanvas();
  return [
    history && drawCurves(plot, draw, history),
    raster && drawRaster(plot, draw, raster),
    traces && drawMembrane(plot, draw, traces),
    rates && drawRates(plot, draw, rates),
    activity && drawActivity(plot, draw, activity.steps, activity.layers),
    confusion && drawConfusion(plot, draw, confusion),
  ].filter((figure) => figure !== undefined);
}
