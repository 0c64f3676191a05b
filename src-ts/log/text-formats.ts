/** Logs as text: comma-separated values, and one JSON object per line. */
import { invalid } from '../checks/check.ts';
import { histogramOf } from '../numbers/histogram.ts';
import { jsonOf } from '../study/table/columns.ts';
import { csvField } from '../study/table/csv.ts';
import type { LogEntry, LogFormat, LogValue } from './entry.ts';

/** JSON lines: `{"kind":"epoch","step":1,"time":"2026-…","epoch":1,"loss":0.31,…}`. */
export class JsonLines implements LogFormat {
  readonly path: string;
  readonly append: boolean;
  readonly batches: boolean;
  readonly weights: boolean;
  readonly activity: boolean;

  constructor(path: string, append: boolean, batches: boolean, weights: boolean, activity: boolean) {
    this.path = path;
    this.append = append;
    this.batches = batches;
    this.weights = weights;
    this.activity = activity;
  }

  start(): string {
    return '';
  }

  encode(entry: LogEntry): string {
    return `${jsonOf(plainEntry(entry))}\n`;
  }
}

/** Bins of a histogram. */
const bins = 64;

/** Maximum number of values in a histogram; larger arrays are sampled evenly, because counting all would delay a training. */
const maxCounted = 1 << 17;

/** An entry as plain data: what a line of a JSON log holds, and what the viewer reads. */
export function plainEntry({ kind, step, time, values, histograms }: LogEntry): Record<string, unknown> {
  const entry = { kind, step, time: new Date(time).toISOString(), ...values };
  if (histograms === undefined) return entry;
  const plain = Object.entries(histograms).map(([name, array]) => {
    const { edges, counts } = histogramOf(spread(array), bins);
    return [name, { low: edges[0], high: edges.at(-1), counts: Array.from(counts) }];
  });
  return { ...entry, histograms: Object.fromEntries(plain) };
}

function spread(array: ArrayLike<number>): ArrayLike<number> {
  const stride = Math.ceil(array.length / maxCounted);
  if (stride === 1) return array;
  const values = new Float64Array(Math.ceil(array.length / stride));
  for (let i = 0; i < values.length; i++) values[i] = array[i * stride]!;
  return values;
}

/** Comma-separated values. The first entry determines the columns. */
export class CommaSeparated implements LogFormat {
  readonly path: string;
  readonly append: boolean;
  readonly batches: boolean;
  readonly weights = false;
  readonly activity = false;
  #columns: readonly string[] | undefined;
  #found: string | undefined;

  constructor(path: string, append: boolean, batches: boolean) {
    this.path = path;
    this.append = append;
    this.batches = batches;
  }

  start(found: string | undefined): string {
    this.#found = found;
    return '';
  }

  encode({ kind, values }: LogEntry): string {
    const names = Object.keys(values);
    const heading = names.map(csvField).join(',');
    const isFirst = this.#columns === undefined;
    const columns = this.#columns ?? names;
    const row = `an entry of the kind "${kind}" with the columns ${names.join(', ')}`;
    if (isFirst && this.#found !== undefined && this.#found !== heading)
      invalid('log', row, `the columns of ${this.path}: ${this.#found}`);
    if (names.join() !== columns.join())
      invalid(
        'log',
        row,
        `the columns of the first entry: ${columns.join(', ')}; log.jsonl takes entries of all kinds`,
      );
    this.#columns = columns;
    const line = `${names.map((name) => csvText(values[name])).join(',')}\r\n`;
    return isFirst && this.#found === undefined ? `${heading}\r\n${line}` : line;
  }
}

function csvText(value: LogValue): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? csvField(value) : String(value);
}
