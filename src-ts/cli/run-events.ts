/** `lapicque run` on a recording of events: step by step through a session, so memory does not grow with the recording. */
import { extname } from 'node:path';
import { invalid } from '../checks/check.ts';
import { checkMemory } from '../engine/native.ts';
import type { EventReader } from '../events/batch.ts';
import { openEvents } from '../events/open.ts';
import { streamEvents } from '../events/streaming.ts';
import type { EventSession } from '../events/streaming-session.ts';
import { type EventTransform, eventTransform } from '../events/transforms.ts';
import { namedTensor, writeFile } from '../files/tensor-file.ts';
import type { Model } from '../model/model.ts';
import type { Session } from '../model/session.ts';
import { type EventOptions, isRecording, reading } from './events.ts';
import { bytes, grouped, output, printable, progressOf, table } from './output.ts';

/** Whether the input of a run is a recording; `.npy` and `.npz` are tensors. */
export function isEventInput(path: string): boolean {
  return isRecording(path) || ['.h5', '.hdf5'].includes(extname(path).toLowerCase());
}

export interface EventRunOptions extends EventOptions {
  input: string;
  output?: string;
  record?: string[];
  steps?: number;
  pace?: 'fast' | 'real-time';
}

/** The image shape of the model's input. */
function inputImage(model: Model): { channels: number; height: number; width: number } {
  const { size, shape } = model.description.input;
  const [channels, height, width] = shape?.length === 3 ? shape : [1, 1, size];
  return { channels: channels!, height: height!, width: width! };
}

/** The transforms from the recording's pixels to those of the model: merged polarities, downsampling. */
function fitting(model: Model, { width, height }: { width: number; height: number }): EventTransform[] {
  const image = inputImage(model);
  if (image.channels > 2)
    invalid('MODEL', `an input of ${image.channels} channels`, 'an input of 1 or 2 channels, for polarities');
  const { size, shape } = model.description.input;
  const merged = shape === undefined ? size === width * height : image.channels === 1;
  const fits = shape === undefined ? [1, 2].some((p) => p * width * height === size) : false;
  return [
    ...(merged ? [eventTransform.mergePolarities()] : []),
    ...(fits || shape === undefined || (image.width === width && image.height === height)
      ? []
      : [eventTransform.downsample({ width: image.width, height: image.height })]),
  ];
}

/** Spikes and membranes of the steps so far, for the output file. */
class Outputs {
  readonly #session: Session;
  readonly #neurons: number;
  readonly #record: readonly string[];
  #steps = 0;
  #spikes = new Uint8Array(0);
  #v = new Float32Array(0);
  readonly #recorded = new Map<string, (Float32Array | Float64Array | Uint8Array)[]>();

  constructor(session: Session, neurons: number, record: readonly string[]) {
    this.#session = session;
    this.#neurons = neurons;
    this.#record = record;
  }

  add(spikes: Uint32Array): void {
    const start = this.#steps * this.#neurons;
    if (start + this.#neurons > this.#v.length) this.#grow();
    for (const neuron of spikes) this.#spikes[start + neuron] = 1;
    this.#session.membrane(this.#v.subarray(start, start + this.#neurons));
    for (const name of this.#record) {
      const values = this.#recorded.get(name) ?? [];
      values.push(this.#session.recorded(name));
      this.#recorded.set(name, values);
    }
    this.#steps += 1;
  }

  #grow(): void {
    const length = Math.max(1024 * this.#neurons, 2 * this.#v.length);
    checkMemory('the output of all steps', 5 * length);
    const [spikes, v] = [new Uint8Array(length), new Float32Array(length)];
    spikes.set(this.#spikes);
    v.set(this.#v);
    [this.#spikes, this.#v] = [spikes, v];
  }

  tensors() {
    const shape = [this.#steps, 1, this.#neurons];
    const length = this.#steps * this.#neurons;
    const recorded = [...this.#recorded].map(([name, rows]) => {
      const width = rows[0]!.length;
      const Kind = rows[0]!.constructor as Float32ArrayConstructor;
      const all = new Kind(rows.length * width);
      rows.forEach((row, i) => {
        all.set(row as Float32Array, i * width);
      });
      return namedTensor(name, [rows.length, 1, width], all);
    });
    return [
      namedTensor('spikes', shape, this.#spikes.subarray(0, length)),
      namedTensor('v', shape, this.#v.subarray(0, length)),
      ...recorded,
    ];
  }
}

export async function runEvents(
  path: string,
  model: Model,
  options: EventRunOptions,
  signal: AbortSignal,
): Promise<void> {
  const { input, output: outputPath, record = [], pace = 'fast' } = options;
  if (options.steps !== undefined)
    invalid('--steps', options.steps, 'no value, because a recording determines the steps');
  const { dt } = model.description;
  using reader: EventReader = await openEvents(input, reading(options, signal));
  const { sensor } = reader;
  if (sensor === undefined)
    invalid('--width', undefined, `--width and --height, because ${input} does not contain them`);
  using session = await model.session({ record });
  const { outputs } = model;
  const counts = new Uint32Array(outputs);
  const kept = outputPath === undefined ? undefined : new Outputs(session, outputs, record);
  const progress = progressOf('running');
  const began = performance.now();
  const stream: EventSession = streamEvents(session, reader, {
    sensor,
    step: 1000 * dt,
    transforms: fitting(model, sensor),
    pace,
    signal,
    onStep: ({ spikes }) => {
      for (const neuron of spikes) counts[neuron]! += 1;
      kept?.add(spikes);
    },
  });
  try {
    for await (const { step } of stream)
      if (performance.now() - began > 500) progress.update(step, Math.max(step, 1));
  } finally {
    progress.stop();
  }
  if (kept !== undefined) await writeFile('--output', outputPath!, kept.tensors(), [], { signal });
  const { statistics } = stream;
  const best = counts.reduce((largest, count, i) => (count > counts[largest]! ? i : largest), 0);
  const report = {
    model: path,
    input: { path: input, format: reader.format, sensor },
    output: outputPath ?? null,
    dt,
    ...statistics,
    spikes: counts,
    predicted: best,
    warnings: reader.warnings,
  };
  output(options.json === true).result(report, () => {
    const { steps, idle, seconds, speed, busyLatency, idleLatency, delay, dropped } = statistics;
    const row = (name: string, { p50, p90, p99, max }: typeof delay) => [
      name,
      ...[p50, p90, p99, max].map((us) => (Number.isNaN(us) ? '–' : us.toFixed(1))),
    ];
    return [
      `${grouped(steps)} steps of ${dt} ms (${grouped(idle)} without input), ${seconds.toFixed(2)} s, ${speed.toFixed(1)} times real time`,
      table([
        ['µs per step', 'p50', 'p90', 'p99', 'max'],
        row('with input', busyLatency),
        row('without', idleLatency),
        ...(pace === 'real-time' ? [row('delay', delay)] : []),
      ]),
      ...(dropped > 0 ? [`${grouped(dropped)} steps were late and lost their events`] : []),
      ...reader.warnings.map(({ message }) => `warning: ${printable(message)}`),
      `output spikes ${Array.from(counts).join(' ')}; most: ${best}`,
      ...(outputPath === undefined
        ? ['nothing written; --output FILE writes spikes and membrane']
        : [
            `${outputPath}: spikes, v${record.length === 0 ? '' : `, ${record.join(', ')}`} (${bytes(5 * steps * outputs)})`,
          ]),
    ].join('\n');
  });
}
