/** Writes a report from plain data: checks it, draws the figures, writes the files. */
import * as check from '../checks/check.ts';
import { throwIfAborted } from '../checks/errors.ts';
import { checkTask } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Report } from './data.ts';
import { checkFormats, type ReportFormats, writeFigures } from './files.ts';

/** Options of {@link writeReport}. */
export interface ReportOptions extends Pick<TaskOptions, 'signal'> {
  /** Default `['html', 'png']`; `svg` and `png` write one file per figure. */
  formats?: ReportFormats;
}

/**
 * Writes `report.html`, a self-contained page, and the figures as separate files in the same folder.
 *
 * @param into - the folder: created if it does not exist; files of the same names are replaced
 * @returns the paths written, the page first
 * @throws LapicqueError `shape-mismatch` or `invalid-parameter` for data that do not fit together, `io`, `aborted`
 * (between two figures or files; files already written remain)
 */
export async function writeReport(
  into: string | URL,
  report: Report,
  options?: ReportOptions,
): Promise<string[]> {
  const folder = check.filePath('folder', into);
  const { formats, signal } = check.options('writeReport', options, ['formats', 'signal']);
  checkTask({ signal });
  const checkedFormats = checkFormats(formats);
  throwIfAborted(signal);
  const [{ drawFigures }, { page }] = await Promise.all([import('./figures.ts'), import('./page.ts')]);
  const figures = await drawFigures(report);
  return writeFigures(folder, page(report, figures), figures, { formats: checkedFormats, signal });
}
