/** Builds large networks in the engine, and estimates what they take. */
import { options as checkOptions, integer, invalid, oneOf } from '../checks/check.ts';
import type { Precision } from '../description/description.ts';
import { ofDescription } from '../description/description-error.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { inputsOf } from './between-runs.ts';
import type { CircuitDescription, Parts } from './description.ts';
import { named } from './elements/cells.ts';
import { forEngine } from './for-engine.ts';
import { Simulation } from './simulation.ts';
import { dtOf } from './steps.ts';
import { type CircuitEstimate, storageOf } from './storage.ts';

/** Options with which a network is built. */
export const compiling = ['dt', 'seed', 'precision', 'threads', 'signal', 'onProgress'] as const;

/** Refuses lists with elements that JSON would silently drop. */
export function listOf<T>(name: string, value: readonly T[] | undefined): readonly T[] | undefined {
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value : invalid(name, value, 'a list');
}

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

/** Options of {@link Circuit.estimate}, as {@link CompileOptions}. */
export type EstimateOptions = Pick<CompileOptions, 'dt' | 'precision' | 'threads' | 'signal'>;

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
