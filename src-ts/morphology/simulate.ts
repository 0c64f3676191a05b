/** Simulations of cells with morphologies. */
import { options as checkOptions, finite, integer, invalid, oneOf, timeStep } from '../checks/check.ts';
import { addon, task, unwrap } from '../engine/native.ts';
import { joined } from '../numbers/joined.ts';
import { Cell } from './cell.ts';
import { checkLocation, type Location } from './morphology.ts';
import { inputsOf, list } from './simulation-inputs.ts';
import type { Place, SimulateCellsOptions } from './simulation-options.ts';

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
  const { nodes, description, steps, every, dt } = prepared(cells, options);
  const { signal, onProgress, threads, record = {}, detectors = {} } = options;
  const {
    traces,
    detectors: indices,
    times,
  } = await task({ signal, onProgress }, (handle) =>
    addon.simulateMorphologies(nodes, description, threads, handle),
  );
  const samples = Math.floor(steps / every) + 1;
  const spikes = Object.keys(detectors).map((): number[] => []);
  times.forEach((time, k) => {
    spikes[indices[k]!]!.push(time);
  });
  return Object.freeze({
    time: Float64Array.from({ length: samples }, (_, k) => k * every * dt),
    traces: named(record, (i) => traces.slice(i * samples, (i + 1) * samples)),
    spikes: named(detectors, (i) => Float64Array.from(spikes[i]!)),
  }) as CellRecording<R, D>;
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

function named(of: object, value: (i: number) => Float64Array): Record<string, Float64Array> {
  return Object.freeze(Object.fromEntries(Object.keys(of).map((name, i) => [name, value(i)])));
}

const optionNames = [
  'duration',
  'dt',
  'method',
  'temperature',
  'initialVoltage',
  'ions',
  'currentClamps',
  'voltageClamps',
  'synapses',
  'gapJunctions',
  'detectors',
  'connections',
  'record',
  'sampleInterval',
  'rules',
  'threads',
  'signal',
  'onProgress',
] as const;

function prepared(cells: Cell | readonly Cell[], given: SimulateCellsOptions) {
  const options = checkOptions('options', given, optionNames);
  const all = cells instanceof Cell ? [cells] : cells;
  if (!Array.isArray(all) || all.length === 0 || !all.every((one) => one instanceof Cell))
    invalid('cells', cells, 'a Cell, or a list of at least one');
  const dt = timeStep('dt', options.dt ?? 0.025);
  const steps = multiple('duration', options.duration, dt);
  const every = multiple('sampleInterval', options.sampleInterval ?? dt, dt);
  const { gapJunctions = [] } = options;
  const together = gapJunctions.length === 0 && all.every((one) => one === all[0]);
  const parts = together ? [all[0]!] : all;
  const first: number[] = [];
  let count = 0;
  for (const { compartments } of parts) {
    first.push(count);
    count += compartments.count;
  }
  const place = (name: string, at: Place): { cell: number; node: number } => {
    if (typeof at !== 'object' || at === null) invalid(name, at, 'a place { cell, branch, x }');
    const index = integer(`${name}.cell`, at.cell ?? 0, { min: 0, max: all.length - 1 });
    const cell = all[index]!;
    const node = cell.node(checkLocation(name, cell.morphology, at as Location));
    return together ? { cell: index, node } : { cell: 0, node: first[index]! + node };
  };
  const description = {
    inputs: { cells: together ? all.length : 1, ...inputsOf(options, place) },
    paint: parts.flatMap(({ painted }, i) =>
      painted.map(({ mechanism, nodes, values }) => ({
        mechanism,
        nodes: nodes.map((node) => node + first[i]!),
        values,
      })),
    ),
    ions: options.ions ?? {},
    gaps: list('gapJunctions', gapJunctions).map(([name, { a, b, conductance }]) => ({
      a: place(`${name}.a`, a).node,
      b: place(`${name}.b`, b).node,
      conductance: finite(`${name}.conductance`, conductance, { min: 0 }),
      implicit: true,
    })),
    celsius: finite('temperature', options.temperature ?? 6.3, { above: -273.15 }),
    vInit: finite('initialVoltage', options.initialVoltage ?? -65),
    dt,
    steps,
    sampleEvery: every,
    secondOrder: oneOf('method', options.method ?? 'euler', ['euler', 'crankNicolson']) === 'crankNicolson',
    asNeuron: oneOf('rules', options.rules ?? 'exact', ['exact', 'neuron']) === 'neuron',
  };
  return { nodes: nodesOf(parts), description: JSON.stringify(description), steps, every, dt };
}

/** The nodes of several cells one after the other. */
function nodesOf(parts: readonly Cell[]) {
  const join = (key: 'area' | 'axial' | 'capacitance') =>
    joined(parts.map(({ compartments }) => compartments[key]));
  const parent = new Int32Array(parts.reduce((sum, { compartments }) => sum + compartments.count, 0));
  let first = 0;
  for (const { compartments } of parts) {
    compartments.parent.forEach((above, node) => {
      parent[first + node] = above < 0 ? -1 : above + first;
    });
    first += compartments.count;
  }
  return { parent, area: join('area'), axial: join('axial'), capacitance: join('capacitance') };
}

function multiple(name: string, value: unknown, dt: number): number {
  const time = finite(name, value, { above: 0 });
  const steps = Math.round(time / dt);
  if (steps < 1 || Math.abs(steps * dt - time) > 1e-6 * dt)
    invalid(name, value, `a multiple of dt, which is ${dt} ms`);
  return integer(name, steps);
}
