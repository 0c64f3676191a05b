/** The arguments of a simulation: checked, and as the engine reads them. */
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
import { joined } from '../numbers/joined.ts';
import { Cell } from './cell.ts';
import { checkLocation, type Location } from './morphology.ts';
import { inputsOf, list } from './simulation-inputs.ts';
import type { CellVariation, Place, SimulateCellsOptions } from './simulation-options.ts';

export const optionNames = [
  'duration',
  'dt',
  'method',
  'temperature',
  'initialVoltage',
  'ions',
  'variations',
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

/** Checked arguments of a simulation, as the engine reads them. */
export function prepared(cells: Cell | readonly Cell[], given: SimulateCellsOptions) {
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
  const scales = scalesOf(options.variations, all, together);
  const description = {
    inputs: { cells: together ? all.length : 1, ...inputsOf(options, place) },
    paint: parts.flatMap(({ painted }, i) =>
      painted.map(({ mechanism, nodes, values }, k) => ({
        mechanism,
        nodes: nodes.map((node) => node + first[i]!),
        values,
        ...(isEmpty(scales[k]) ? {} : { scales: scales[k] }),
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
  return { nodes: nodesOf(parts), description: JSON.stringify(description), steps, every, dt, parts };
}

function isEmpty(of: object | undefined): boolean {
  return Object.keys(of ?? {}).length === 0;
}

/** By paint and parameter, the factors of the cells. */
export function scalesOf(
  variations: readonly CellVariation[] | undefined,
  cells: readonly Cell[],
  together: boolean,
): Record<string, number[]>[] {
  const painted = cells[0]!.painted;
  const scales = painted.map((): Record<string, number[]> => ({}));
  for (const [name, variation] of list('variations', variations)) {
    if (!together)
      invalid(name, variation, 'no variation, unless all cells are one object without gap junctions');
    const { paint, parameter, factors } = checkOptions(name, variation, ['paint', 'parameter', 'factors']);
    const at = integer(`${name}.paint`, paint, { min: 0, max: painted.length - 1 });
    const names = Object.keys(painted[at]!.defaults);
    if (!names.includes(parameter)) throw unknownName(`parameter of ${painted[at]!.name}`, parameter, names);
    if (Object.hasOwn(scales[at]!, parameter)) invalid(name, parameter, 'a parameter that does not vary yet');
    eachFinite(`${name}.factors`, factors);
    if (factors.length !== cells.length)
      invalid(`${name}.factors`, `${factors.length} factors`, `${cells.length}, one for each cell`);
    scales[at]![parameter] = Array.from(factors);
  }
  return scales;
}

/** The nodes of several cells one after the other. */
export function nodesOf(parts: readonly Cell[]) {
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
