/** Cells with dendrites as a population of a circuit. */
import {
  options as checkOptions,
  finite,
  integer,
  invalid,
  noFurther,
  oneOf,
  text,
  timeStep,
} from '../checks/check.ts';
import { placed } from '../circuit/elements/placed.ts';
import { type Population, sliceable } from '../circuit/elements/populations.ts';
import { Cell } from './cell.ts';
import { checkLocation, type Location } from './morphology.ts';
import { nodesOf, scalesOf } from './prepared.ts';
import { type Region, regionOf } from './region.ts';
import { entries, kineticsOf, quantityOf } from './simulation-inputs.ts';
import type { CellSynapse, CellVariation, Ion } from './simulation-options.ts';

/** Kinetics of a synapse, as of {@link CellSynapse}. */
export type SynapseKinetics = Pick<CellSynapse, 'kinetics' | 'rise' | 'decay' | 'magnesium' | 'reversal'>;

/**
 * What connections and inputs of a circuit lead to, by its name as their `port`:
 * - a synapse `at` a location; weights are its maximum conductance in µS, at least 0,
 * - synapses `at` several locations, or on a `region`: each synapse of a connection gets one of the places at random, by the seed of the
 *   simulation. Listed locations are equally likely, compartments of a region in proportion to their length,
 * - an electrode: inputs are currents in nA, positive ones depolarize.
 */
export type CellTarget =
  | (SynapseKinetics & { at: Location | readonly Location[] })
  | (SynapseKinetics & { region: Region })
  | { electrode: Location };

/** A quantity of every cell, `'v'` (default) or as in {@link CellRecorder}. */
export interface CellVariable {
  at: Location;
  value?: string;
}

/** Options of {@link cellPopulation}. */
export interface CellPopulationOptions {
  /** Default `cells` and a number. */
  name?: string;
  /** Default none. Targets called `excitatory` and `inhibitory` are chosen by the sign of a weight if a connection has no port. */
  targets?: Readonly<Record<string, CellTarget>>;
  /** Where spikes are detected: the voltage reaches a threshold (in mV, default -10) from below. Default the middle of the first branch. */
  detector?: { at?: Location; threshold?: number };
  /** States of the population to record and read by name, in addition to `v`, the voltage at the detector. */
  variables?: Readonly<Record<string, CellVariable>>;
  /** Parameters that differ between the cells; default none. */
  variations?: readonly CellVariation[];
  /** Time step of the cells in ms, a whole fraction of the circuit's; default the circuit's. */
  dt?: number;
  /** As in {@link SimulateCellsOptions.method}; default `'euler'`. */
  method?: 'euler' | 'crankNicolson';
  /** In °C; default 6.3. */
  temperature?: number;
  /** Voltage of all compartments at the beginning, in mV; default -65. */
  initialVoltage?: number;
  /** As in {@link SimulateCellsOptions.ions}. */
  ions?: Readonly<Record<string, Ion>>;
  /** Where the cells are, for connections by distance. */
  layout?: Population['layout'];
}

/**
 * `n` cells of one kind as neurons of a circuit: connected, driven and recorded as populations of point neurons are. A spike at the end of a
 * step, of a cell or a point neuron, arrives `delay` ms later; its conductance begins with the step that starts then.
 *
 * @example
 * ```ts
 * const pyramidal = morphology.cellPopulation(cell, 40, {
 *   name: 'pyramidal',
 *   targets: { tuft: { region: 'apic', kinetics: 'nmda' }, soma: { at: { branch: 0, x: 0.5 }, reversal: -75 } },
 *   variables: { tuft_v: { at: shape.tip('apic') } },
 * });
 * circuit(
 *   connect(pyramidal, basket, rule.pairwiseBernoulli(0.2), { weight: 300, delay: 1 }),
 *   connect(basket, pyramidal, rule.pairwiseBernoulli(0.2), { port: 'soma', weight: 0.005, delay: 1 }),
 *   record.traces(pyramidal, ['v', 'tuft_v'], 0.5),
 * );
 * ```
 * @throws LapicqueError `invalid-parameter` and `unknown-name` with the option; what the engine finds is thrown when the circuit is compiled,
 * `unsupported` for initial states, intrinsic plasticity, gap junctions, and synapses that change onto several places
 */
export function cellPopulation(cell: Cell, n: number, options?: CellPopulationOptions): Population;
export function cellPopulation(
  cell: Cell,
  n: number,
  options: CellPopulationOptions = {},
  ...further: unknown[]
): Population {
  noFurther('cellPopulation', further, 'none; all options are one object');
  if (!(cell instanceof Cell)) invalid('cell', cell, 'a Cell');
  integer('n', n, { min: 1, max: 2 ** 30 });
  const {
    name,
    detector = {},
    dt,
    layout,
    ...of
  } = checkOptions('cellPopulation', options, [
    'name',
    'targets',
    'detector',
    'variables',
    'variations',
    'dt',
    'method',
    'temperature',
    'initialVoltage',
    'ions',
    'layout',
  ]);
  const node = (at: string, location: Location) => cell.node(checkLocation(at, cell.morphology, location));
  const { at = { branch: 0, x: 0.5 }, threshold = -10 } = checkOptions('detector', detector, [
    'at',
    'threshold',
  ]);
  const scales = scalesOf(of.variations, Array<Cell>(n).fill(cell), true);
  const description = {
    nodes: nodesOf([cell]),
    paint: cell.painted.map(({ mechanism, nodes, values }, i) => ({
      mechanism,
      nodes,
      values,
      ...(Object.keys(scales[i]!).length === 0 ? {} : { scales: scales[i] }),
    })),
    ions: of.ions ?? {},
    celsius: finite('temperature', of.temperature ?? 6.3, { above: -273.15 }),
    vInit: finite('initialVoltage', of.initialVoltage ?? -65),
    ...(dt === undefined ? {} : { dt: timeStep('dt', dt) }),
    secondOrder: oneOf('method', of.method ?? 'euler', ['euler', 'crankNicolson']) === 'crankNicolson',
    detector: { node: node('detector.at', at), threshold: finite('detector.threshold', threshold) },
    targets: entries('targets', of.targets).map(([path, target], i) => ({
      name: Object.keys(of.targets!)[i]!,
      ...targetOf(path, target, cell),
    })),
    variables: entries('variables', of.variables).map(([path, variable], i) => {
      const { at, value = 'v' } = checkOptions(path, variable, ['at', 'value']);
      const name = Object.keys(of.variables!)[i]!;
      return { name, node: node(`${path}.at`, at), quantity: quantityOf(`${path}.value`, value) };
    }),
  };
  return sliceable<Population>({
    element: 'population',
    ...(name === undefined ? {} : { name: text('name', name) }),
    size: n,
    neuron: Object.freeze({
      model: 'cells',
      params: Object.freeze({}),
      options: Object.freeze({}),
      cell: description,
    }),
    initial: Object.freeze({}),
    ...placed('cellPopulation', n, layout),
  });
}

const kinetics = ['kinetics', 'rise', 'decay', 'magnesium', 'reversal'] as const;

function targetOf(name: string, target: CellTarget, cell: Cell) {
  const node = (path: string, location: Location) =>
    cell.node(checkLocation(path, cell.morphology, location));
  if ('electrode' in target) {
    const { electrode } = checkOptions(name, target, ['electrode']);
    return { nodes: [node(`${name}.electrode`, electrode)] };
  }
  if ('region' in target) {
    const { region, ...synapse } = checkOptions(name, target, ['region', ...kinetics]);
    const inside = cell.inside(regionOf(`${name}.region`, region));
    const nodes = Array.from(inside.keys()).filter((i) => inside[i] === 1);
    if (nodes.length === 0) invalid(`${name}.region`, region, 'a region with at least one compartment');
    const { branch, spans } = cell.compartments;
    const shares = nodes.map(
      (i) => cell.morphology.branches[branch[i]!]!.length / spans[2 * branch[i]! + 1]!,
    );
    return { nodes, shares, synapse: kineticsOf(name, synapse) };
  }
  const { at, ...synapse } = checkOptions(name, target, ['at', ...kinetics]);
  const places = (Array.isArray(at) ? at : [at]) as readonly Location[];
  if (places.length === 0) invalid(`${name}.at`, at, 'at least one location');
  const path = (i: number) => (Array.isArray(at) ? `${name}.at[${i}]` : `${name}.at`);
  return { nodes: places.map((at, i) => node(path(i), at)), synapse: kineticsOf(name, synapse) };
}
