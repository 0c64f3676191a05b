/**
 * Training steps on a fixed batch, timed one by one: `dense_static`, `dense_rate`, `conv`, `shd`, `deep`, `ssa`, `slstm`, `lmu`,
 * `lmu_parallel`.
 */

import { environment } from 'lapicque';
import { operations } from 'lapicque/chip';
import type { BenchOptions, BenchResult, BenchTask, Machine } from '../index.d.ts';
import { least, shareOf, trainingParts } from './least-time.ts';
import { mebibytes, round, type Times, timed, timesOf } from './measure.ts';
import { lmuParallelProblem, lmuProblem, slstmProblem } from './memory.ts';
import {
  attentionProblem,
  convProblem,
  deepProblem,
  denseProblem,
  type Problem,
  shdProblem,
} from './problem.ts';

type MakeProblem = (options: BenchOptions, machine: Machine) => Promise<Problem>;

function trainingTask(
  name: string,
  options: readonly (keyof BenchOptions)[],
  problem: MakeProblem,
): BenchTask {
  return {
    name,
    options: ['steps', 'T', 'batch', 'limits', ...options],
    run: (given, machine) => measure(name, problem, given, machine),
    time: { unit: 'ms per step', of: (result) => (result.step_ms as Times).min },
    describe,
  };
}

/** The training tasks. */
export const trainingTasks: readonly BenchTask[] = [
  trainingTask('dense_static', ['size'], (options, machine) => denseProblem('static', options, machine)),
  trainingTask('dense_rate', ['size'], (options, machine) => denseProblem('rate', options, machine)),
  trainingTask('conv', [], convProblem),
  trainingTask('shd', [], shdProblem),
  trainingTask('deep', ['layers', 'width'], deepProblem),
  trainingTask('ssa', [], attentionProblem),
  trainingTask('slstm', [], slstmProblem),
  trainingTask('lmu', [], lmuProblem),
  trainingTask('lmu_parallel', [], lmuParallelProblem),
];

/** One step untimed, then exactly `steps`; then some forward passes. */
async function measure(
  task: string,
  problem: MakeProblem,
  options: BenchOptions,
  machine: Machine,
): Promise<BenchResult> {
  const { steps = 20, limits, signal, onProgress } = options;
  const base = mebibytes(machine.memory().resident);
  const {
    model,
    batch,
    T,
    samples,
    steps: constant,
    loss,
    optimizer,
    branched,
  } = await problem(options, machine);
  const work = { loss, ...(constant === undefined ? {} : { steps: constant }) };
  const step = () => model.trainStep(batch, { ...work, optimizer });

  const first = await step();
  let last = first;
  const times: number[] = [];
  for (let i = 0; i < steps; i++) {
    signal?.throwIfAborted();
    const [report, milliseconds] = await timed(step);
    times.push(milliseconds);
    last = report;
    onProgress?.(i + 1, steps);
  }
  const peak = mebibytes(machine.memory().peak);
  const sha256 = await model.weightsSha256();
  const forward: number[] = [];
  for (let i = -1; i < Math.max(3, steps >> 1); i++) {
    signal?.throwIfAborted();
    const [, milliseconds] = await timed(() => model.evaluateStep(batch, work));
    if (i >= 0) forward.push(milliseconds);
  }

  const stepTimes = timesOf(times);
  const { threads, simd } = environment();
  const { info } = model;
  const { layers } = info;
  const hidden = layers.slice(0, -1);
  // In a chain of dense layers, each output of a layer is an input of every neuron of the next.
  const leaving = [first.inputEvents, ...first.spikes];
  const chain = layers.reduce((sum, { neurons }, i) => sum + leaving[i]! * neurons, 0);
  return {
    task,
    threads,
    simd,
    batch: samples,
    T,
    params: model.parameterCount,
    steps,
    step_ms: stepTimes,
    samples_per_s: round((samples / stepTimes.med) * 1000, 1),
    fwd_ms: timesOf(forward),
    peak_rss_mb: peak,
    base_rss_mb: base,
    loss_first: round(first.loss, 6),
    loss_last: round(last.loss, 6),
    // Fraction of a hidden layer's neurons that spike in a step, in the first forward pass.
    activity: hidden.map(({ neurons }, i) => round(first.spikes[i]! / (samples * T * neurons), 5)),
    // Number of weights that the spikes of the first forward pass add, or of the values that are not zero.
    synaptic_operations: branched ? await counted(await problem(options, machine)) : chain,
    weights_sha256: sha256,
    ...(limits ? await limited(await problem(options, machine), stepTimes.min, machine, signal) : {}),
  };
}

/** The least time of a step with the weights before training. */
async function limited(
  problem: Problem,
  milliseconds: number,
  machine: Machine,
  signal: AbortSignal | undefined,
) {
  const { model, batch, samples, steps, T } = problem;
  using own = model;
  const rates = await machine.rates({ signal });
  const { layers } = await operations(own, batch, { steps, signal });
  const work = { layers, info: own.info, samples, steps: T, constant: steps !== undefined };
  const parts = trainingParts(work, rates);
  return { limits: rates, ...least(parts, milliseconds) };
}

/** Operations of all samples with the weights before training; counted at the end, because recordings take memory. */
async function counted({ model, batch, samples }: Problem): Promise<number> {
  using own = model;
  const { effectiveAcs, effectiveMacs } = await operations(own, batch);
  return Math.round((effectiveAcs + effectiveMacs) * samples);
}

function describe(result: BenchResult): string[] {
  const step = result.step_ms as Times;
  const forward = result.fwd_ms as Times;
  const number = (key: string) => result[key] as number;
  return [
    `${step.med.toFixed(2)} ms per step`,
    `best ${step.min.toFixed(2)}`,
    `forward ${forward.med.toFixed(2)}`,
    `${Math.round(number('samples_per_s')).toLocaleString('en-US')} samples/s`,
    `${Math.round(number('peak_rss_mb') - number('base_rss_mb'))} MiB`,
    `loss ${number('loss_first').toFixed(4)} → ${number('loss_last').toFixed(4)}`,
    ...shareOf(result),
  ];
}
