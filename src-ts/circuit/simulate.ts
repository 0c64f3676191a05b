/** Building large networks, and running them from their start to an end. */
import { options as checkOptions, integer, invalid, oneOf } from '../checks/check.ts';
import type { Precision } from '../description/description.ts';
import { ofDescription } from '../description/description-error.ts';
import { addon, type TaskOptions, task } from '../engine/native.ts';
import { currentTrial, signalWithin } from '../engine/trial-context.ts';
import { inputsOf } from './between-runs.ts';
import { named } from './elements/cells.ts';
import { forEngine } from './for-engine.ts';
import type { Circuit, CircuitDescription, Parts } from './network.ts';
import type { Recording } from './recording.ts';
import { Simulation } from './simulation.ts';
import { dtOf, stepsOf } from './steps.ts';
import { type CircuitEstimate, storageOf } from './storage.ts';
import { runInTrial } from './trial-simulation.ts';

/** How a network is built. */
export interface CompileOptions extends TaskOptions {
  /** Time step in ms; default that of the description, or 0.1. */
  dt?: number;
  /** Of wiring, initial values and noise; default 0. */
  seed?: number;
  /** `'f32'` (default) keeps a synapse in 4 bytes where 16 bits hold its weight, else in 8; `'f64'` is the reference. */
  precision?: Precision;
  /** Threads of building and running; default those of `setThreads`. Results do not depend on it. */
  threads?: number;
}

/** What {@link Circuit.estimate} is told, as {@link CompileOptions}. */
export type EstimateOptions = Pick<CompileOptions, 'dt' | 'precision' | 'threads' | 'signal'>;

/** What {@link simulate} is told. */
export interface SimulateOptions extends CompileOptions {
  /** In ms, a whole number of steps. */
  duration: number;
}

/** What a network is built with. */
const compiling = ['dt', 'seed', 'precision', 'threads', 'signal', 'onProgress'] as const;

/**
 * Builds a network, runs it from its start and frees it. Within a trial of a study it keeps its state and recording on the way, and goes on
 * from there, with the same result, when the trial was interrupted by a kill.
 *
 * @param options - `onProgress` hears of steps done
 * @returns spikes and traces
 * @throws LapicqueError `unknown-name`, `invalid-parameter`, `shape-mismatch` with the path of what is wrong; `too-large`
 * before anything is built; `non-finite` with population, neuron and state or, where a weight that learns cannot be summed any
 * more, with connection and source; `aborted`
 */
export async function simulate(network: Circuit, options: SimulateOptions): Promise<Recording> {
  if (options === undefined) invalid('options', options, 'an object with duration');
  const { duration, onProgress, ...building } = checkOptions('simulate', options, ['duration', ...compiling]);
  if (typeof network?.compile !== 'function' || typeof network.description !== 'object')
    invalid('network', network, 'what network(…) gives, of a built-in one networks.brunel().network');
  const steps = stepsOf(duration, dtOf(building.dt ?? network.description?.dt));
  const trial = currentTrial();
  const signal = trial === undefined ? building.signal : signalWithin(trial, building.signal);
  const simulation = await network.compile(signal === undefined ? building : { ...building, signal });
  try {
    if (trial !== undefined)
      return await runInTrial(trial, simulation, steps, { signal: signal!, onProgress });
    return await simulation.run(duration, { signal: building.signal, onProgress });
  } finally {
    simulation.dispose();
  }
}

/** @internal */
export async function compile(
  description: CircuitDescription,
  given: CompileOptions,
  { names, ...elements }: Parts,
): Promise<Simulation> {
  const options = checkOptions('compile', given, compiling);
  const dt = dtOf(options.dt ?? description.dt);
  const seed = integer('seed', options.seed ?? 0, { min: 0 });
  const precision = oneOf('precision', options.precision ?? 'f32', ['f32', 'f64']);
  const threads = options.threads === undefined ? undefined : integer('threads', options.threads, { min: 1 });
  const { record, connections } = description;
  const said = {
    sources: listOf('network.sources', description.sources),
    spikes: listOf('network.record.spikes', record?.spikes),
    traces: listOf('network.record.traces', record?.traces),
    means: listOf('network.record.means', record?.means),
    fields: listOf('network.record.fields', record?.fields),
    weights: listOf('network.record.weights', record?.weights),
  };
  const { json, lists } = forEngine(description, dt);
  const inputs = inputsOf(description);
  const native = await task(options, (handle) =>
    addon.buildSimulation(json, lists, precision, seed, threads, handle),
  ).catch((error: unknown) => {
    throw ofDescription(error, json);
  });
  const traces = (said.traces ?? []).map(({ population, state }) => `${population}.${state}`);
  const trains = new Map((said.sources ?? []).map(({ name, trains }) => [name, trains.length]));
  const weights = (said.weights ?? []).map(({ connection }) => {
    const { from, to } = connections![connection]!;
    return { from: named(from), to: named(to) };
  });
  const { spikes } = said;
  const means = (said.means ?? []).map(({ name }) => name);
  const fields = (said.fields ?? []).map(({ name }) => name);
  const recorded = { spikes, traces, weights, means, fields };
  const setting = { dt, seed, precision, threads, ...recorded, connections, inputs, elements, names, trains };
  return new Simulation(native, setting);
}

/** @internal */
export async function estimate(
  description: CircuitDescription,
  given: EstimateOptions,
): Promise<CircuitEstimate> {
  const options = checkOptions('options', given, ['dt', 'precision', 'threads', 'signal']);
  const dt = dtOf(options.dt ?? description.dt);
  const precision = oneOf('precision', options.precision ?? 'f32', ['f32', 'f64']);
  const threads =
    options.threads === undefined ? undefined : integer('threads', options.threads, { min: 1, max: 1024 });
  const { json, lists } = forEngine(description, dt);
  const text = await task(options, (handle) =>
    addon.estimateSimulation(json, lists, precision, threads, handle),
  ).catch((error: unknown) => {
    throw ofDescription(error, json);
  });
  const { storage, ...rest } = JSON.parse(text) as CircuitEstimate;
  return Object.freeze({ ...rest, storage: storageOf(storage, description.connections) });
}

/** What JSON would leave out in silence is no list of a description. */
function listOf<T>(name: string, value: readonly T[] | undefined): readonly T[] | undefined {
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value : invalid(name, value, 'a list');
}
