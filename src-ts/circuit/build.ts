/** Builds large networks in the engine, and estimates their memory. */
import { options as checkOptions, integer, invalid, oneOf } from '../checks/check.ts';
import type { Precision } from '../description/description.ts';
import { ofDescription } from '../description/description-error.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import { inputsOf } from './between-runs.ts';
import type { CircuitDescription, Parts } from './description.ts';
import { named } from './elements/populations.ts';
import { forEngine } from './for-engine.ts';
import { Simulation } from './simulation.ts';
import { describedStates } from './state-units.ts';
import { dtOf } from './steps.ts';
import { type CircuitEstimate, storageOf } from './storage.ts';

/** Names of the options of {@link CircuitCompileOptions}. */
export const compileOptions = ['dt', 'seed', 'precision', 'threads', 'signal', 'onProgress'] as const;

/** Refuses a collection other than an array, such as a `Set`: JSON would silently drop its elements. */
function checkedList<T>(name: string, value: readonly T[] | undefined): readonly T[] | undefined {
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value : invalid(name, value, 'a list');
}

/** Rethrows an error of the engine with its path in the description. */
const throwAt =
  (json: string) =>
  (error: unknown): never => {
    throw ofDescription(error, json, 'circuit');
  };

/** Options of building a network. */
export interface CircuitCompileOptions extends TaskOptions {
  /** Time step in ms. Default: the description's, or 0.1. */
  dt?: number;
  /** Seed of wiring, initial values and noise; default 0. */
  seed?: number;
  /** `'f32'` (default) stores a synapse in 4 bytes if its weight fits 16 bits, otherwise in 8; `'f64'` is the reference. */
  precision?: Precision;
  /** Most threads for building and running; default: the number set by `setThreads`. A run uses one while that is faster (`simulation.chosenThreads`). Results do not depend on it. */
  threads?: number;
}

/** Options of {@link Circuit.estimate}; see {@link CircuitCompileOptions}. */
export type CircuitEstimateOptions = Pick<CircuitCompileOptions, 'dt' | 'precision' | 'threads' | 'signal'>;

/** @internal */
export async function compile(
  description: CircuitDescription,
  rawOptions: CircuitCompileOptions,
  { names, ...elements }: Parts,
): Promise<Simulation> {
  const options = checkOptions('compile', rawOptions, compileOptions);
  const dt = dtOf(options.dt ?? description.dt);
  const seed = integer('seed', options.seed ?? 0, { min: 0 });
  const precision = oneOf('precision', options.precision ?? 'f32', ['f32', 'f64']);
  const threads = options.threads === undefined ? undefined : integer('threads', options.threads, { min: 1 });
  const { record, connections } = description;
  const checked = {
    sources: checkedList('circuit.sources', description.sources),
    spikes: checkedList('circuit.record.spikes', record?.spikes),
    traces: checkedList('circuit.record.traces', record?.traces),
    means: checkedList('circuit.record.means', record?.means),
    fields: checkedList('circuit.record.fields', record?.fields),
    weights: checkedList('circuit.record.weights', record?.weights),
  };
  const { json, lists } = forEngine(description, dt);
  const inputs = inputsOf(description);
  const native = await task(options, (handle) =>
    addon.buildSimulation(json, lists, precision, seed, threads, handle),
  ).catch(throwAt(json));
  const traces = (checked.traces ?? []).map(({ population, state, neurons }) => {
    const of = description.populations.find(({ name }) => name === population)!;
    return {
      name: `${population}.${state}`,
      neurons:
        neurons === undefined
          ? Uint32Array.from({ length: of.size }, (_, i) => i)
          : Uint32Array.from(neurons),
      unit: describedStates(of.neuron as DynamicsSpec).find(({ name }) => name === state)?.unit ?? '',
    };
  });
  const trains = new Map((checked.sources ?? []).map(({ name, trains }) => [name, trains.length]));
  const weights = (checked.weights ?? []).map(({ connection }) => {
    const { from, to } = connections![connection]!;
    return { from: named(from), to: named(to) };
  });
  const { spikes } = checked;
  const means = (checked.means ?? []).map(({ name }) => name);
  const fields = (checked.fields ?? []).map(({ name }) => name);
  const recorded = { spikes, traces, weights, means, fields };
  const parts = { connections, inputs, elements, names, trains };
  const setting = { description, dt, seed, precision, threads, ...recorded, ...parts };
  return new Simulation(native, setting);
}

/** @internal */
export async function estimate(
  description: CircuitDescription,
  rawOptions: CircuitEstimateOptions,
): Promise<CircuitEstimate> {
  const options = checkOptions('options', rawOptions, ['dt', 'precision', 'threads', 'signal']);
  const dt = dtOf(options.dt ?? description.dt);
  const precision = oneOf('precision', options.precision ?? 'f32', ['f32', 'f64']);
  const threads =
    options.threads === undefined ? undefined : integer('threads', options.threads, { min: 1, max: 1024 });
  const { json, lists } = forEngine(description, dt);
  const text = await task(options, (handle) =>
    addon.estimateSimulation(json, lists, precision, threads, handle),
  ).catch(throwAt(json));
  const { storage, ...rest } = JSON.parse(text) as CircuitEstimate;
  return Object.freeze({ ...rest, storage: storageOf(storage, description.connections) });
}
