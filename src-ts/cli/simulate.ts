/** `lapicque simulate`: runs a large network and reports its rates and the time taken. */
import { statSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { cv } from '../analysis/irregularity.ts';
import { finite, invalid, unknownName } from '../checks/check.ts';
import { Circuit } from '../circuit/circuit.ts';
import type { CircuitDescription } from '../circuit/description.ts';
import type { Recording } from '../circuit/recording.ts';
import { joinedParts } from '../circuit/recording-parts.ts';
import type { Simulation } from '../circuit/simulation.ts';
import type { Precision } from '../description/description.ts';
import { environment } from '../engine/environment.ts';
import { benchPackage } from './bench-package.ts';
import { scriptOf } from './circuit-script.ts';
import { asUsageError } from './failure.ts';
import { interruption } from './interrupt.ts';
import { grouped, output, printable, progressOf, table } from './output.ts';
import { type CommonOptions, prepare } from './shared-options.ts';
import { limitsOf } from './simulate-limits.ts';
import { checkApart } from './tensors.ts';

interface Options extends CommonOptions {
  seconds: number;
  transient?: number;
  scale?: number;
  dt?: number;
  method?: string;
  precision?: Precision;
  limits?: boolean;
  record?: string;
  trace?: string[];
  /** A folder; `true` for that of the configuration. */
  reports?: string | true;
}

/** Length in ms of the pieces of a run. Finished pieces are kept when the run is interrupted. */
const piece = 1000;

/** Number of traced neurons: the first ones of the population. */
const maxTraced = 10;

export async function simulate(name: string, options: Options): Promise<void> {
  await prepare(options);
  const { seconds, scale = 1, seed = 0, precision = 'f32', record, trace = [], reports } = options;
  asUsageError(() => {
    checkOutputs(name, options);
  });
  // Before the run, since it may be missing.
  const bench = options.limits === true ? await benchPackage('lapicque simulate --limits') : undefined;
  const signal = interruption();
  const { script, dt, transient } = await settled(name, options);
  const { sonata } = script;
  const progress = progressOf(name);
  const out = output(options.json === true);
  for (const warning of sonata?.warnings ?? []) out.note(warning);
  try {
    const began = performance.now();
    const settings = { dt, seed, precision, signal };
    using simulation = await (trace.length === 0
      ? script.circuit.compile(settings)
      : new Circuit(withTraces(script.circuit.description, trace)).compile(settings));
    const build = (performance.now() - began) / 1000;
    const show = (done: number, all: number) => progress.update(done, all);
    const { run, took, interrupted } = await measured(simulation, { seconds, transient, dt, signal, show });
    progress.stop();

    if (record !== undefined) await run.save(record);
    const written =
      reports === undefined
        ? undefined
        : await sonata!.writeReports(run, reports === true ? {} : { folder: reports });
    if (interrupted !== undefined) {
      const kept = `interrupted after ${Math.round(run.duration) / 1000} s of ${seconds} s`;
      out.note(record === undefined ? kept : `${kept}; they are in ${record}`);
      throw interrupted;
    }
    const learned = await weights(simulation);
    const { threads, simd } = environment();
    const limits =
      bench !== undefined
        ? await limitsOf({
            bench,
            simulation,
            description: script.circuit.description,
            steps: Math.round((1000 * seconds) / dt),
            events: run.synapticEvents,
            milliseconds: took * 1000,
            signal,
          })
        : undefined;
    const report = {
      model: name,
      scale,
      neurons: simulation.neurons,
      synapses: simulation.synapses,
      build_s: build,
      sim_s: took,
      bio_s: seconds,
      real_time_factor: took / seconds,
      peak_rss_mb: process.resourceUsage().maxRSS / 1024,
      mean_rate_hz: run.rates(),
      cv_isi: await variations(simulation, run),
      spikes_total: run.times.length,
      syn_events: run.synapticEvents,
      threads,
      simd,
      seed,
      dt_ms: dt,
      transient_s: transient,
      precision,
      ...(learned === undefined ? {} : { weights: learned }),
      ...(written === undefined ? {} : { reports: written }),
      ...limits,
    };
    out.result(report, () =>
      [summaryText(report, bench?.shareOf(report) ?? [], record, run), ...(written ?? [])].join('\n'),
    );
  } finally {
    progress.stop();
  }
}

/** The network, its time step in ms, and the part of the run in s that is not counted. */
async function settled(name: string, options: Options) {
  const { seconds, scale = 1, seed = 0, method, reports } = options;
  const given = { scale, seed, ...(options.dt === undefined ? {} : { dt: options.dt }) };
  const context = method === undefined ? given : { ...given, method };
  const script = await scriptOf(name, context, reports !== undefined);
  // By form, because a script may have loaded another copy of the library.
  const own: unknown = script.circuit.description?.dt;
  const dt = options.dt ?? script.dt ?? finite('network.dt', own ?? 0.1, { above: 0 });
  // The warning about another time step applies only if the user has chosen it.
  const whole = (seconds: number) => (Math.round((1000 * seconds) / dt) * dt) / 1000;
  const transient = options.transient ?? whole(script.transient ?? 0.2);
  asUsageError(() => {
    checkSteps('--seconds', seconds, dt);
    checkSteps('--transient', transient, dt);
    if (reports !== undefined && script.sonata === undefined)
      invalid('--reports', name, 'the configuration of a SONATA simulation');
    if (reports === true && script.sonata?.outputFolder === undefined)
      invalid(
        '--reports',
        'no folder',
        '--reports FOLDER, because output_dir leads out of the folder of the configuration',
      );
  });
  return { script, dt, transient };
}

/** Runs the transient, then what counts, in pieces: an interruption keeps those that are finished. */
async function measured(
  simulation: Simulation,
  options: {
    seconds: number;
    transient: number;
    dt: number;
    signal: AbortSignal;
    show: (done: number, all: number) => void;
  },
): Promise<{ run: Recording; took: number; interrupted: unknown }> {
  const { dt, signal } = options;
  const steps = (ms: number) => Math.round(ms / dt);
  const [before, counted] = [steps(1000 * options.transient), steps(1000 * options.seconds)];
  const show = (from: number) => (step: { done: number }) => options.show(from + step.done, before + counted);
  if (before > 0) await simulation.run(before * dt, { signal, onProgress: show(0) });
  const began = performance.now();
  const pieces: Recording[] = [];
  let interrupted: unknown;
  try {
    const every = Math.max(1, steps(piece)) * dt;
    const run = simulation.chunks(counted * dt, every, { signal, onProgress: show(before) });
    for await (const recording of run) pieces.push(recording);
  } catch (error) {
    if (!signal.aborted || pieces.length === 0) throw error;
    interrupted = error;
  }
  const took = (performance.now() - began) / 1000;
  const duration = pieces.reduce((sum, { duration }) => sum + duration, 0);
  // Of a run of no time there is no piece.
  const run =
    pieces.length === 0
      ? await simulation.run(0, { signal })
      : pieces.at(-1)!.asWhole(joinedParts(pieces, duration));
  return { run, took, interrupted };
}

/** Checks options whose errors would otherwise appear only after the work. */
function checkOutputs(name: string, { record, trace = [], reports }: Options): void {
  if (record !== undefined) {
    checkRecord(record);
    checkApart('--record', record, [name]);
  }
  if (trace.length > 0 && record === undefined)
    invalid('--trace', trace.join(' '), '--record FILE as well, for the values');
  if (trace.length > 0 && reports !== undefined)
    invalid(
      '--trace',
      trace.join(' '),
      'no --trace, because --reports records the states that the configuration names',
    );
}

function checkRecord(path: string): void {
  if (!['.safetensors', '.npz'].includes(extname(path).toLowerCase()))
    invalid('--record', path, 'a file that ends in .safetensors or .npz');
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true)
    invalid('--record', path, 'a file in an existing folder');
}

function checkSteps(name: string, seconds: number, dt: number): void {
  const steps = (1000 * finite(name, seconds)) / dt;
  if (seconds > 0 && steps < 1 - 1e-6) invalid(name, seconds, `at least one step of ${dt} ms`);
  if (Math.abs(steps - Math.round(steps)) > 1e-6)
    invalid(name, seconds, `a whole number of steps of ${dt} ms`);
  if (steps > 2 ** 40) invalid(name, seconds, `at most 2^40 steps of ${dt} ms`);
}

/** The network with recorders for `--trace`: `population.state` or `population.port`. What it records itself stays as it is. */
function withTraces(description: CircuitDescription, names: readonly string[]): CircuitDescription {
  const { record = {} } = description;
  const own = record.traces ?? [];
  const others = names.filter(
    (name) => !own.some(({ population, state }) => `${population}.${state}` === name),
  );
  const traces = others.map((name) => {
    const dot = name.lastIndexOf('.');
    const [population, state] = [name.slice(0, Math.max(0, dot)), name.slice(dot + 1)];
    const known = description.populations.map(({ name }) => name);
    const size = description.populations.find(({ name }) => name === population)?.size;
    if (size === undefined)
      return asUsageError(() => unknown('population of --trace', population || name, known));
    return { population, state, neurons: [...Array(Math.min(size, maxTraced)).keys()] };
  });
  return { ...description, record: { ...record, traces: [...own, ...traces] } };
}

function unknown(kind: string, name: string, known: readonly string[]): never {
  throw unknownName(kind, name, known);
}

/** Mean coefficient of variation of inter-spike intervals for each population with recorded spikes, over its neurons
 * with at least four intervals. */
async function variations({ neurons, time }: Simulation, run: Recording): Promise<Record<string, number>> {
  const spikes = new Uint32Array(neurons);
  for (const id of run.ids) spikes[id]! += 1;
  const all = await cv({ times: run.times, ids: run.ids, neurons, stop: time });
  return Object.fromEntries(
    Object.keys(run.recorded).map((name) => {
      const { first, size } = run.populations[name]!;
      const counted = all.subarray(first, first + size).filter((_, i) => spikes[first + i]! > 4);
      return [name, counted.reduce((sum, x) => sum + x, 0) / counted.length];
    }),
  );
}

/** Mean and standard deviation of the plastic weights, in the unit of the port; empty if there are none. */
async function weights(
  simulation: Simulation,
): Promise<Record<string, { mean: number; sd: number }> | undefined> {
  const pairs = new Map(simulation.plastic.map((pair) => [pair.join('>'), pair]));
  if (pairs.size === 0) return undefined;
  const all: Record<string, { mean: number; sd: number }> = {};
  for (const [name, [from, to]] of pairs) {
    const weights = await simulation.weights(from, to);
    let [sum, squares] = [0, 0];
    for (const w of weights) sum += w;
    const mean = sum / weights.length;
    for (const w of weights) squares += (w - mean) ** 2;
    const variance = squares / weights.length;
    all[name] = { mean, sd: Math.sqrt(variance) };
  }
  return all;
}

/** What a file of a recording has. */
function recordedText({ traces, means, lfp, weights, recorded, populations }: Recording): string {
  const isWhole = Object.entries(populations).every(([name, { size }]) => recorded[name] === size);
  const kinds = [
    `times in ms and ids of ${isWhole ? 'all' : 'recorded'} spikes`,
    ...Object.keys(traces),
    ...Object.keys(means).map((name) => `mean ${name}`),
    ...Object.keys(lfp).map((name) => `field ${name}`),
    ...weights.map(({ from, to }) => `weights ${from} to ${to}`),
  ];
  return kinds.join(', ');
}

function summaryText(
  report: {
    model: string;
    neurons: number;
    synapses: number;
    build_s: number;
    sim_s: number;
    bio_s: number;
    real_time_factor: number;
    peak_rss_mb: number;
    mean_rate_hz: Record<string, number>;
    cv_isi: Record<string, number>;
    spikes_total: number;
    syn_events: number;
    threads: number;
    simd: string;
    weights?: Record<string, { mean: number; sd: number }>;
  },
  least: readonly string[],
  record: string | undefined,
  run: Recording,
): string {
  const variation = (cv: number) => (Number.isFinite(cv) ? cv.toFixed(3) : '');
  const rows = Object.entries(report.mean_rate_hz).map(([name, rate]) => [
    name,
    rate.toFixed(3),
    variation(report.cv_isi[name]!),
  ]);
  const where = `${report.threads} thread${report.threads === 1 ? '' : 's'}, ${report.simd}`;
  return [
    `${report.model}: ${grouped(report.neurons)} neurons, ${grouped(report.synapses)} synapses, built in ${report.build_s.toFixed(2)} s`,
    `${report.bio_s} s simulated in ${report.sim_s.toFixed(3)} s (${speedText(report.real_time_factor)}; ${where}; at most ${Math.round(report.peak_rss_mb)} MB)`,
    ...least,
    `${grouped(report.spikes_total)} spikes, ${grouped(report.syn_events)} synaptic events`,
    table([['population', 'rate in Hz', 'CV of intervals'], ...rows]),
    ...Object.entries(report.weights ?? {}).map(
      ([name, { mean, sd }]) => `weights ${printable(name)}: ${mean.toPrecision(5)} ± ${sd.toPrecision(3)}`,
    ),
    ...(record === undefined ? [] : [`${record}: ${recordedText(run)}`]),
  ].join('\n');
}

/** `5.1 times faster than real time`, of the time that a second of biological time takes. */
function speedText(factor: number): string {
  return factor <= 1
    ? `${(1 / factor).toPrecision(2)} times faster than real time`
    : `${factor.toPrecision(2)} times slower than real time`;
}
