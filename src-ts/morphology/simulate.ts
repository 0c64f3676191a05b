/** Simulations of cells with morphologies. */
import {
  options as checkOptions,
  eachFinite,
  finite,
  integer,
  invalid,
  oneOf,
  timeStep,
  unknownName,
} from '../checks/check.ts';
import { addon, task, unwrap } from '../engine/native.ts';
import { Cell } from './cell.ts';
import { checkLocation, type Location } from './morphology.ts';
import type { CellRecorder, CellSynapse, Place, SimulateCellsOptions } from './simulation-options.ts';

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
  const bySpike = Object.keys(detectors).map((_, i) => times.filter((_, k) => indices[k] === i));
  return Object.freeze({
    time: Float64Array.from({ length: samples }, (_, k) => k * every * dt),
    traces: named(record, (i) => traces.slice(i * samples, (i + 1) * samples)),
    spikes: named(detectors, (i) => bySpike[i]!),
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

/** Longer than any run; JSON has no infinity. */
const always = 1e300;

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
  return { nodes: joined(parts), description: JSON.stringify(description), steps, every, dt };
}

/** The nodes of several cells one after the other. */
function joined(parts: readonly Cell[]) {
  const join = (values: (of: Cell['compartments']) => Float64Array) =>
    Float64Array.from(parts.flatMap(({ compartments }) => [...values(compartments)]));
  let first = 0;
  const parents = parts.flatMap(({ compartments: { parent, count } }) => {
    const own = Array.from(parent, (parent) => (parent < 0 ? -1 : parent + first));
    first += count;
    return own;
  });
  return {
    parent: Int32Array.from(parents),
    area: join(({ area }) => area),
    axial: join(({ axial }) => axial),
    capacitance: join(({ capacitance }) => capacitance),
  };
}

function multiple(name: string, value: unknown, dt: number): number {
  const time = finite(name, value, { above: 0 });
  const steps = Math.round(time / dt);
  if (steps < 1 || Math.abs(steps * dt - time) > 1e-6 * dt)
    invalid(name, value, `a multiple of dt, which is ${dt} ms`);
  return integer(name, steps);
}

/** Elements with their names in messages. */
function list<T extends object>(name: string, of: readonly T[] | undefined): [string, T][] {
  if (of === undefined) return [];
  if (!Array.isArray(of)) invalid(name, of, 'a list');
  return of.map((element, i) => [`${name}[${i}]`, object(`${name}[${i}]`, element)]);
}

function entries<T extends object>(name: string, of: Readonly<Record<string, T>> | undefined): [string, T][] {
  if (of === undefined) return [];
  if (typeof of !== 'object' || of === null || Array.isArray(of))
    invalid(name, of, 'an object of elements by name');
  return Object.entries(of).map(([key, element]) => [`${name}.${key}`, object(`${name}.${key}`, element)]);
}

function object<T extends object>(name: string, element: T): T {
  if (typeof element !== 'object' || element === null) invalid(name, element, 'an object of options');
  return element;
}

type PlaceOf = (name: string, at: Place) => { cell: number; node: number };

function inputsOf(options: SimulateCellsOptions, place: PlaceOf) {
  const index = (name: string, of: object | undefined, key: string): number => {
    const names = Object.keys(of ?? {});
    if (!names.includes(key)) throw unknownName(name, key, names);
    return names.indexOf(key);
  };
  const { voltageClamps, synapses, detectors } = options;
  return {
    currentClamps: entries('currentClamps', options.currentClamps).map(([name, clamp]) => {
      const {
        at,
        delay = 0,
        duration,
        amplitude,
      } = checkOptions(name, clamp, ['at', 'delay', 'duration', 'amplitude']);
      return {
        ...place(`${name}.at`, at),
        delay: finite(`${name}.delay`, delay, { min: 0 }),
        duration: duration === undefined ? always : finite(`${name}.duration`, duration, { min: 0 }),
        amplitude: finite(`${name}.amplitude`, amplitude),
      };
    }),
    voltageClamps: entries('voltageClamps', voltageClamps).map(([name, clamp]) => {
      const { at, steps, resistance = 0.1 } = checkOptions(name, clamp, ['at', 'steps', 'resistance']);
      if (!Array.isArray(steps)) invalid(`${name}.steps`, steps, 'a list of [duration, voltage]');
      steps.forEach((step, i) => {
        eachFinite(`${name}.steps[${i}]`, step);
        if (step.length !== 2 || step[0] < 0) invalid(`${name}.steps[${i}]`, step, '[duration, voltage]');
      });
      return {
        ...place(`${name}.at`, at),
        steps,
        resistance: finite(`${name}.resistance`, resistance, { above: 0 }),
      };
    }),
    synapses: entries('synapses', synapses).map(([name, synapse]) => synapseOf(name, synapse, place)),
    detectors: entries('detectors', detectors).map(([name, detector]) => {
      const { at, threshold = -10 } = checkOptions(name, detector, ['at', 'threshold']);
      return { ...place(`${name}.at`, at), threshold: finite(`${name}.threshold`, threshold) };
    }),
    connections: list('connections', options.connections).map(([name, connection]) => {
      const { from, to, weight, delay } = checkOptions(name, connection, ['from', 'to', 'weight', 'delay']);
      return {
        detector: index('detector', detectors, from),
        synapse: index('synapse', synapses, to),
        weight: finite(`${name}.weight`, weight),
        delay: finite(`${name}.delay`, delay, { above: 0 }),
      };
    }),
    records: entries('record', options.record as Record<string, CellRecorder> | undefined).map(
      ([name, recorder]) => {
        if ('voltageClamp' in recorder) {
          const clamp = index('voltage clamp', voltageClamps, recorder.voltageClamp);
          const at = place(name, voltageClamps![recorder.voltageClamp]!.at);
          return { ...at, quantity: { clampCurrent: clamp } };
        }
        if ('synapse' in recorder) {
          const synapse = index('synapse', synapses, recorder.synapse);
          return { ...place(name, synapses![recorder.synapse]!.at), quantity: { synapseCurrent: synapse } };
        }
        const { at, value = 'v' } = checkOptions(name, recorder, ['at', 'value']);
        return { ...place(`${name}.at`, at), quantity: quantityOf(`${name}.value`, value) };
      },
    ),
  };
}

function quantityOf(name: string, value: unknown): unknown {
  if (value === 'v') return 'voltage';
  const fail = () => invalid(name, value, "'v', a state such as 'hh.m', or 'ica', 'cai', 'eca' of an ion");
  if (typeof value !== 'string') return fail();
  const [mechanism, state, ...further] = value.split('.');
  if (mechanism !== undefined && state !== undefined && further.length === 0)
    return { state: [mechanism, state] };
  const [, current, ion] = /^(i)(\w+)$/.exec(value) ?? [];
  if (current !== undefined) return { ionCurrent: ion };
  const [, reversal] = /^e(\w+)$/.exec(value) ?? [];
  if (reversal !== undefined) return { reversal };
  const [, inside] = /^(\w+)i$/.exec(value) ?? [];
  return inside === undefined ? fail() : { concentration: inside };
}

function synapseOf(name: string, synapse: CellSynapse, place: PlaceOf) {
  const of = checkOptions(name, synapse, [
    'at',
    'kinetics',
    'rise',
    'decay',
    'magnesium',
    'reversal',
    'times',
    'weight',
  ]);
  const kind = oneOf(`${name}.kinetics`, of.kinetics ?? 'doubleExponential', [
    'exponential',
    'doubleExponential',
    'nmda',
  ]);
  const isNmda = kind === 'nmda';
  const decay = finite(`${name}.decay`, of.decay ?? (isNmda ? 75 : 2), { above: 0 });
  if (kind === 'exponential' && of.rise !== undefined)
    invalid(`${name}.rise`, of.rise, 'no value, because an exponential has no rise');
  if (!isNmda && of.magnesium !== undefined)
    invalid(`${name}.magnesium`, of.magnesium, "no value, unless kinetics is 'nmda'");
  const rise = () => finite(`${name}.rise`, of.rise ?? (isNmda ? 2 : 0.2), { above: 0, below: decay });
  const { times = [], weight } = of;
  eachFinite(`${name}.times`, times);
  if (times.length > 0 || weight !== undefined) finite(`${name}.weight`, weight);
  return {
    ...place(`${name}.at`, of.at),
    kinetics:
      kind === 'exponential'
        ? { kind, tau: decay }
        : {
            kind,
            rise: rise(),
            decay,
            ...(isNmda ? { magnesium: finite(`${name}.magnesium`, of.magnesium ?? 1, { min: 0 }) } : {}),
          },
    reversal: finite(`${name}.reversal`, of.reversal ?? 0),
    events: Array.from(times, (time) => [time, weight]),
  };
}
