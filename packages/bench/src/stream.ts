/** One sample through a session, one step per call from JavaScript: `stream_dense`, `stream_shd`, `stream_deep`. */
import { createHash } from 'node:crypto';
import { environment, type Model, type TrainingBatch } from 'lapicque';
import { operations } from 'lapicque/chip';
import type { BenchOptions, BenchResult, BenchTask, Machine } from '../index.d.ts';
import { forwardParts, least, shareOf } from './least-time.ts';
import { quantile, round } from './measure.ts';
import { deepProblem, denseProblem, type Problem, shdProblem } from './problem.ts';

type MakeProblem = (options: BenchOptions, machine: Machine) => Promise<Problem>;

function streamTask(name: string, options: readonly (keyof BenchOptions)[], problem: MakeProblem): BenchTask {
  return {
    name,
    threads: 1,
    options: ['passes', 'T', 'batch', 'limits', ...options],
    run: (given, machine) => measure(name, problem, given, machine),
    time: { unit: 'µs per step', of: (result) => (result.us_per_step as { min: number }).min },
    describe,
  };
}

/** The streaming tasks. */
export const streamTasks: readonly BenchTask[] = [
  streamTask('stream_dense', ['size'], (options, machine) => denseProblem('rate', options, machine)),
  streamTask('stream_shd', [], shdProblem),
  streamTask('stream_deep', ['layers', 'width'], deepProblem),
];

async function measure(
  task: string,
  problem: MakeProblem,
  options: BenchOptions,
  machine: Machine,
): Promise<BenchResult> {
  const { passes = 1000, limits, signal, onProgress } = options;
  const { model, batch, T } = await problem(options, machine);
  const events = eventsOfFirstSample(batch.x as Uint8Array, batch.shape as [number, number, number]);
  using session = await model.session();

  // The outputs of the first pass from rest: spikes and, for a readout without spikes, the membrane.
  const hash = createHash('sha256');
  let spikes = 0;
  for (const step of events) {
    const out = session.push(step);
    spikes += out.length;
    hash.update(new Uint8Array(out.buffer, out.byteOffset, out.byteLength));
    hash.update(new Uint8Array(session.membrane().buffer));
  }
  const warm = 20;
  const times: number[] = [];
  for (let pass = -warm; pass < passes; pass++) {
    const began = performance.now();
    for (let t = 0; t < T; t++) session.push(events[t]!);
    const milliseconds = performance.now() - began;
    if (pass >= 0) times.push((milliseconds * 1000) / T);
    if (pass % 50 === 0) {
      // Yields to the event loop, so that an interrupt is received.
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      onProgress?.(Math.max(0, pass), passes);
    }
  }

  onProgress?.(passes, passes);
  const sorted = Float64Array.from(times).sort();
  const { threads, simd } = environment();
  return {
    task,
    threads,
    simd,
    T,
    params: model.parameterCount,
    passes,
    us_per_step: {
      min: round(sorted[0]!, 3),
      p50: round(quantile(sorted, 0.5), 3),
      p99: round(quantile(sorted, 0.99), 3),
    },
    input_events: events.reduce((sum, step) => sum + step.length, 0),
    output_spikes: spikes,
    output_sha256: hash.digest('hex'),
    ...(limits ? await limited(model, batch, sorted[0]! / 1000, machine, signal) : {}),
  };
}

/** The least time of a step of the first sample, of which each step reads all that its spikes address once. */
async function limited(
  model: Model,
  { x, shape }: TrainingBatch,
  milliseconds: number,
  machine: Machine,
  signal: AbortSignal | undefined,
) {
  const [T, samples, channels] = shape as [number, number, number];
  const rates = await machine.rates({ signal });
  const first = new Float32Array(T * channels);
  for (let t = 0; t < T; t++)
    first.set((x as Uint8Array).subarray(t * samples * channels, (t * samples + 1) * channels), t * channels);
  const { layers } = await operations(model, { x: first, shape: [T, 1, channels] }, { signal });
  const parts = forwardParts({ layers, info: model.info, samples: 1, steps: T }, rates);
  const ofStep = Object.fromEntries(Object.entries(parts).map(([name, ms]) => [name, ms / T]));
  return { limits: rates, ...least(ofStep, milliseconds) };
}

/** The channels that fire in each step of sample 0 of `x`, `[time, batch, channels]`. */
function eventsOfFirstSample(x: Uint8Array, [T, samples, channels]: [number, number, number]): Uint32Array[] {
  return Array.from({ length: T }, (_, t) => {
    const row = x.subarray(t * samples * channels, t * samples * channels + channels);
    const fired: number[] = [];
    row.forEach((spike, channel) => {
      if (spike === 1) fired.push(channel);
    });
    return Uint32Array.from(fired);
  });
}

function describe(result: BenchResult): string[] {
  const { min, p50, p99 } = result.us_per_step as { min: number; p50: number; p99: number };
  return [
    `${p50.toFixed(2)} µs per step`,
    `best ${min.toFixed(2)}`,
    `p99 ${p99.toFixed(2)}`,
    `${result.input_events} events in, ${result.output_spikes} spikes out in ${result.T} steps`,
    ...shareOf(result),
  ];
}
