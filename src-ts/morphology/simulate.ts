/** Simulations of cells with morphologies. */
import { addon, task, unwrap } from '../engine/native.ts';
import type { Cell } from './cell.ts';
import { prepared } from './prepared.ts';
import type { SimulateCellsOptions } from './simulation-options.ts';

/** The result of {@link simulateCells}. */
export interface CellRecording<R extends string = string, D extends string = string> {
  /** Times of the samples in ms, from 0 on. */
  readonly time: Float64Array;
  /** A sample per time, by the names of `record`. */
  readonly traces: { readonly [K in R]: Float64Array };
  /** Times of spikes in ms, interpolated within a step, by the names of `detectors`. */
  readonly spikes: { readonly [K in D]: Float64Array };
}

/** The size of a simulation. */
export interface CellEstimate {
  /** Nodes of all cells. */
  readonly nodes: number;
  /** Time steps. */
  readonly steps: number;
  /** Samples of each trace. */
  readonly samples: number;
  /** Upper bound of the memory of cells and traces, in bytes. */
  readonly bytes: number;
}

/**
 * Simulates cells. Off the event loop.
 *
 * Cells that are one object (`Array(200).fill(cell)`) and have no gap junctions are computed together, eight at a time and on all threads;
 * others one after the other on one thread. Results have the same bits in both cases, for any number of threads.
 *
 * @param cells - a cell, or a list of cells that places name by their index
 * @throws LapicqueError `invalid-parameter` and `unknown-name` with the option; `equation` for mechanisms; `too-large` before the run;
 * `non-finite` when a voltage is no longer a number; `aborted`
 */
export async function simulateCells<R extends string = never, D extends string = never>(
  cells: Cell | readonly Cell[],
  options: SimulateCellsOptions<R, D>,
): Promise<CellRecording<R, D>> {
  const prepare = prepared(cells, options);
  const { signal, onProgress, threads } = options;
  const result = await task({ signal, onProgress }, (handle) =>
    addon.simulateMorphologies(prepare.nodes, prepare.description, threads, handle),
  );
  return Object.freeze(recordingOf(options, prepare, result));
}

/** What the engine has recorded, by name. */
export function recordingOf<R extends string, D extends string>(
  { record, detectors }: SimulateCellsOptions<R, D>,
  { steps, every, dt }: ReturnType<typeof prepared>,
  recorded: { traces: Float64Array; detectors: Uint32Array; times: Float64Array },
): CellRecording<R, D> {
  const samples = Math.floor(steps / every) + 1;
  const spikes = Object.keys(detectors ?? {}).map((): number[] => []);
  recorded.times.forEach((time, k) => {
    spikes[recorded.detectors[k]!]!.push(time);
  });
  return {
    time: Float64Array.from({ length: samples }, (_, k) => k * every * dt),
    traces: named(record ?? {}, (i) => recorded.traces.slice(i * samples, (i + 1) * samples)),
    spikes: named(detectors ?? {}, (i) => Float64Array.from(spikes[i]!)),
  } as CellRecording<R, D>;
}

/**
 * The size of a simulation, without building it.
 *
 * @throws LapicqueError as {@link simulateCells}
 */
export function estimateCells(cells: Cell | readonly Cell[], options: SimulateCellsOptions): CellEstimate {
  const { nodes, description, steps, every } = prepared(cells, options);
  const { nodes: count, bytes } = JSON.parse(unwrap(addon.estimateMorphologies(nodes, description)));
  return { nodes: count, steps, samples: Math.floor(steps / every) + 1, bytes };
}

/** A value for each name of `of`. */
export function named<T>(of: object, value: (i: number) => T): Readonly<Record<string, T>> {
  return Object.freeze(Object.fromEntries(Object.keys(of).map((name, i) => [name, value(i)])));
}
