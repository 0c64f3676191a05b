/**
 * TensorBoard's event files: records of TensorFlow (length, masked CRC-32C of the length, data, masked CRC-32C of the data), each one protobuf
 * message `Event` (tensorflow/core/util/event.proto and framework/summary.proto).
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { PbfWriter } from 'pbf';
import { invalid } from '../checks/check.ts';
import { histogramOf } from '../numbers/histogram.ts';
import { crc32c } from './crc32c.ts';
import type { LogEntry, LogFormat } from './entry.ts';

/** Buckets of a histogram. */
const buckets = 64;

let files = 0;

/** One event file in a folder of TensorBoard. */
export class TensorBoard implements LogFormat {
  readonly path: string;
  /** TensorBoard joins the files of a folder, so a resumed training writes another one. */
  readonly append = false;
  readonly batches: boolean;
  readonly weights: boolean;
  readonly activity: boolean;
  #Writer: typeof PbfWriter | undefined;

  constructor(folder: string, batches: boolean, weights: boolean, activity: boolean) {
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    this.path = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}`);
    this.batches = batches;
    this.weights = weights;
    this.activity = activity;
  }

  async start(): Promise<Uint8Array> {
    // Loaded here, because most programs write no event file.
    ({ PbfWriter: this.#Writer } = await import('pbf'));
    const event = this.#event(Date.now(), 0);
    event.writeStringField(3, 'brain.Event:2');
    return record(event.finish());
  }

  encode({ kind, step, time, values, histograms = {} }: LogEntry): Uint8Array {
    if (!Number.isSafeInteger(step))
      invalid('step', step, 'a whole number, because TensorBoard counts steps');
    const event = this.#event(time, step);
    event.writeMessage(
      5,
      (_, summary) => {
        for (const [name, value] of Object.entries(values))
          if (typeof value === 'number')
            summary.writeMessage(1, writeScalar, { tag: tagOf(kind, name), value });
        for (const [name, array] of Object.entries(histograms))
          summary.writeMessage(1, writeHistogram, { tag: name, array });
      },
      undefined,
    );
    return record(event.finish());
  }

  #event(time: number, step: number): PbfWriter {
    const event = new this.#Writer!();
    event.writeDoubleField(1, time / 1000);
    event.writeVarintField(2, step);
    return event;
  }
}

/** Tags group curves by their part in front of the slash. */
function tagOf(kind: LogEntry['kind'], name: string): string {
  if (kind === 'values' || name.includes('/')) return name;
  if (kind !== 'epoch') return `${kind}/${name}`;
  const validation = /^validation([A-Z])(.*)$/.exec(name);
  return validation === null
    ? `training/${name}`
    : `validation/${validation[1]!.toLowerCase()}${validation[2]}`;
}

function writeScalar({ tag, value }: { tag: string; value: number }, message: PbfWriter): void {
  message.writeStringField(1, tag);
  message.writeFloatField(2, value);
}

function writeHistogram({ tag, array }: { tag: string; array: ArrayLike<number> }, message: PbfWriter): void {
  message.writeStringField(1, tag);
  const { min, max, count, sum, sumOfSquares, edges, counts } = histogramOf(array, buckets);
  message.writeMessage(
    5,
    (_, histogram) => {
      for (const [field, value] of [min, max, count, sum, sumOfSquares].entries())
        histogram.writeDoubleField(field + 1, value);
      // The upper end of each bucket.
      histogram.writePackedDouble(6, Array.from(edges.subarray(1)));
      histogram.writePackedDouble(7, Array.from(counts));
    },
    undefined,
  );
}

function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(bytes.subarray(0, 8))), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return bytes;
}

/** TensorFlow rotates checksums and adds a constant, so that the checksum of data that contain checksums is not special. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
