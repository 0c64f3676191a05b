/** The files of a report: a page, and its figures as image files. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { invalid, oneOf } from '../checks/check.ts';
import { ioError, isError, throwIfAborted } from '../checks/errors.ts';
import type { Figure } from '../figure/draw/figure.ts';
import { writeAtomic } from '../files/file-source.ts';

const known = ['html', 'png', 'svg'] as const;

/** The files of a report: `html` is one page, `svg` and `png` are one file per figure. */
export type ReportFormats = readonly ('html' | 'png' | 'svg')[];

/** @throws LapicqueError `invalid-parameter` and `unknown-name` for an invalid list of formats */
export function checkFormats(formats: ReportFormats = ['html', 'png']): ReportFormats {
  if (!Array.isArray(formats)) invalid('formats', formats, "a list of 'html', 'png' and 'svg'");
  for (const format of formats) oneOf('report format', format, known);
  return formats;
}

/**
 * Writes a page as `report.html`, and figures beside it under their names.
 *
 * @returns the paths written, the page first
 * @throws LapicqueError `io`, `aborted` (between two figures or files; files already written remain)
 */
export async function writeFigures(
  folder: string,
  html: string,
  figures: readonly Figure[],
  { formats, signal }: { formats: ReportFormats; signal: AbortSignal | undefined },
): Promise<string[]> {
  const files: [name: string, content: string | Uint8Array][] = [];
  if (formats.includes('html')) files.push(['report.html', html]);
  for (const figure of figures) {
    throwIfAborted(signal);
    // Beside the page, a picture has its title and caption within it.
    const alone = figure.with({ titles: true });
    if (formats.includes('png')) files.push([`${figure.spec.name}.png`, await alone.png()]);
    if (formats.includes('svg')) files.push([`${figure.spec.name}.svg`, await alone.svg()]);
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

/** Creates a folder and its parents. Node's own recursive form hangs where the system creates none, as in /proc. */
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
