/** Writes trials to files for other programs. */
import { extname } from 'node:path';
import { filePath, invalid, oneOf, options } from '../../checks/check.ts';
import { checkTask } from '../../engine/native.ts';
import type { TaskOptions } from '../../engine/task-options.ts';
import { Yielder } from '../../engine/yielder.ts';
import { type FileTarget, isStreamTarget, pieceBytes, writePieces } from '../../files/file-source.ts';
import { csvLines, jsonLines } from './csv.ts';
import { parquetBytes } from './parquet.ts';
import { TrialTable } from './table.ts';

/** A format of a table of trials. */
export type TrialFormat = 'csv' | 'jsonl' | 'parquet';

const trialFormats = ['csv', 'jsonl', 'parquet'] as const;

/** How a table of trials is written. */
export interface WriteTrialsOptions extends Pick<TaskOptions, 'signal'> {
  /** Default by the ending of the path: `.csv`, `.jsonl` or `.parquet`. Required for a stream. */
  format?: TrialFormat;
}

/** What `StudyResults.write` does. */
export async function writeTrials<P>(
  target: FileTarget,
  table: TrialTable<P>,
  given?: WriteTrialsOptions,
): Promise<void> {
  const { format, signal } = options('writeTrials', given, ['format', 'signal']);
  checkTask({ signal });
  const kind = formatOf(target, format);
  if (!(table instanceof TrialTable)) invalid('table', table, 'a table of trials');
  const pieces = kind === 'parquet' ? [await parquetBytes(table)] : lines(kind, table, signal);
  await writePieces('target', target, pieces, signal);
}

function formatOf(target: FileTarget, format: TrialFormat | undefined): TrialFormat {
  if (format !== undefined) return oneOf('format', format, trialFormats);
  if (isStreamTarget('target', target)) return invalid('format', format, `one of ${trialFormats.join(', ')}`);
  const path = filePath('target', target);
  const ending = extname(path).slice(1).toLowerCase();
  const known = trialFormats.find((name) => name === ending);
  return (
    known ?? invalid('target', path, 'a path that ends in .csv, .jsonl or .parquet, or the option format')
  );
}

/** Lines joined into pieces, with yields to the event loop. */
async function* lines<P>(
  kind: 'csv' | 'jsonl',
  table: TrialTable<P>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const yielder = new Yielder(signal);
  let text: string[] = [];
  let length = 0;
  for (const line of kind === 'csv' ? csvLines(table) : jsonLines(table)) {
    text.push(line);
    length += line.length;
    if (length > pieceBytes) {
      yield Buffer.from(text.join(''));
      [text, length] = [[], 0];
    }
    if (yielder.isDue) await yielder.yieldNow();
  }
  yield Buffer.from(text.join(''));
}
