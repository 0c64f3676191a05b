/** `lapicque sweep export`: the trials of a stored study as a file for other programs. */
import type { Writable } from 'node:stream';
import { printableLines } from '../checks/printable.ts';
import { study } from '../study/study.ts';
import type { TrialFormat } from '../study/table/export.ts';
import { interruption } from './interrupt.ts';
import { output } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';

interface Options extends CommonOptions {
  format?: TrialFormat;
  output?: string;
}

export async function sweepExport(store: string, options: Options): Promise<void> {
  await prepare(options);
  const { format, output: path, json } = options;
  const signal = interruption();
  const results = await (await study.open(store)).results();
  if (path === undefined) {
    // A program gets the data unchanged; a terminal would obey their control characters. stdout stays open for other output.
    const isText = format !== 'parquet' && process.stdout.isTTY === true;
    const write = (piece: Uint8Array) => written(isText ? shown(piece) : piece);
    await results.write(new WritableStream<Uint8Array>({ write }), { format: format ?? 'csv', signal });
    return;
  }
  await results.write(path, { signal, ...(format === undefined ? {} : { format }) });
  const trials = results.table.length;
  output(json === true).result({ path, trials }, () => `${trials} trials: ${path}`);
}

/** Text for a terminal. A piece has whole lines. */
function shown(piece: Uint8Array): Uint8Array {
  const lines = Buffer.from(piece).toString().split('\r\n');
  return Buffer.from(lines.map(printableLines).join('\n'));
}

/** Resolves when the reader has received it. */
function written(piece: Uint8Array): Promise<void> {
  const { stdout }: { stdout: Writable } = process;
  return new Promise((resolve, reject) => {
    stdout.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}
