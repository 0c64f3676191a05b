/** Fits of a cell's numbers to recorded traces, by gradients. */
import { options as checkOptions, finite, integer, invalid, oneOf, unknownName } from '../checks/check.ts';
import { exp, log } from '../numbers/elementary.ts';
import { Cell, type PaintedNodes } from './cell.ts';
import {
  type CellGradients,
  type CellObjective,
  type DifferentiateCellsOptions,
  differentiateCells,
} from './differentiate.ts';
import { Adam, Bfgs } from './minimizers.ts';
import { optionNames } from './prepared.ts';
import type { CellSynapse } from './simulation-options.ts';

/** A number to fit, between `min` and `max`. If both are above 0, it is searched on a logarithmic scale. */
export type FittedNumber = (
  | {
      /** Indices in the cell's `paint`, which share the number. */
      readonly paint: number | readonly number[];
      /** A parameter of their mechanism. Where it is painted as a function, the number is a factor of the function. */
      readonly parameter: string;
    }
  /** The weight of a synapse's `times` in µS; several synapses share the number. */
  | { readonly synapse: string | readonly string[] }
  /** A factor of the cell's resistivity or capacitance. */
  | { readonly factorOf: 'resistivity' | 'capacitance' }
) & {
  readonly min: number;
  readonly max: number;
  /** Default the cell's value, or a factor of 1. */
  readonly start?: number;
};

/** Options of {@link fitCells}. */
export interface FitCellsOptions<
  N extends string = string,
  R extends string = string,
  D extends string = string,
> extends DifferentiateCellsOptions<R, D> {
  /** Targets by the names of recorders. Derivatives of your own loss would hold for the first step alone. */
  objective: { readonly [K in R]?: Extract<CellObjective, { readonly target: ArrayLike<number> }> };
  /** The numbers to fit, by name. */
  numbers: { readonly [K in N]: FittedNumber };
  /** Losses with their gradients to compute at most; default 100. */
  steps?: number;
  /**
   * - `'bfgs'` (default): steps by the estimated second derivatives, each only as long as the loss falls. It ends when none does.
   * - `'adam'`: steps of a length that `learningRate` sets, also if the loss rises. It may leave a local minimum.
   */
  minimizer?: 'bfgs' | 'adam';
  /** Of Adam, on a scale on which most of the way from `min` to `max` is 8; default 0.2. It falls in equal steps to a tenth. */
  learningRate?: number;
}

/** The result of {@link fitCells}: the best of all steps. */
export interface FittedCells<N extends string = string> {
  readonly numbers: { readonly [K in N]: number };
  readonly loss: number;
  /** The loss at each step. */
  readonly losses: Float64Array;
  /** The cell with these numbers. Weights of synapses are in `numbers` alone. */
  readonly cell: Cell;
}

/**
 * Fits numbers of a cell to targets: conductances and other parameters, weights of synapses, resistivity and capacitance. Each step simulates,
 * differentiates, and moves all numbers at once. Off the event loop.
 *
 * @example
 * ```ts
 * const { numbers, loss } = await morphology.fitCells(pyramidal, {
 *   duration: 40,
 *   currentClamps: { pulse: { at: soma, delay: 2, duration: 30, amplitude: 0.5 } },
 *   record: { soma: { at: soma } },
 *   objective: { soma: { target: recorded } },
 *   numbers: {
 *     gNa: { paint: 0, parameter: 'gNa', min: 0.01, max: 1 },
 *     gK: { paint: 0, parameter: 'gK', min: 0.005, max: 0.5 },
 *   },
 * });
 * ```
 * @param cells - a cell, or a list of one cell several times, with clamps and recorders of its own for each: several protocols at once
 * @throws LapicqueError as {@link simulateCells}
 */
export async function fitCells<N extends string, R extends string, D extends string = never>(
  cells: Cell | readonly Cell[],
  options: FitCellsOptions<N, R, D>,
): Promise<FittedCells<N>> {
  const checked = checkOptions('options', options, [
    ...optionNames,
    'objective',
    'numbers',
    'steps',
    'minimizer',
    'learningRate',
  ]);
  const { numbers, steps = 100, minimizer = 'bfgs', learningRate, onProgress, ...differentiated } = checked;
  const all: readonly Cell[] = cells instanceof Cell ? [cells] : cells;
  const cell = Array.isArray(all) ? all[0] : undefined;
  if (!(cell instanceof Cell) || all.some((one) => one !== cell))
    invalid('cells', cells, 'a Cell, or a list of one Cell several times');
  for (const [name, of] of [
    ['numbers', numbers],
    ['objective', differentiated.objective],
    ['synapses', differentiated.synapses ?? {}],
  ] as const)
    if (typeof of !== 'object' || of === null) invalid(name, of, 'an object of elements by name');
  const fitted = Object.entries<FittedNumber>(numbers).map(([name, of]) =>
    fittedNumber(`numbers.${name}`, of, cell, differentiated.synapses ?? {}),
  );
  for (const [name, term] of Object.entries<object | undefined>(differentiated.objective))
    if (typeof term === 'object' && term !== null && 'derivatives' in term)
      invalid(`objective.${name}`, term, 'a target');
  if (fitted.length === 0) invalid('numbers', numbers, 'at least one number');
  integer('steps', steps, { min: 1 });
  oneOf('minimizer', minimizer, ['bfgs', 'adam']);
  if (minimizer === 'bfgs' && learningRate !== undefined)
    invalid('learningRate', learningRate, "no value, unless minimizer is 'adam'");
  const rate = finite('learningRate', learningRate ?? 0.2, { above: 0 });
  const start = fitted.map((number) => number.start);
  const search =
    minimizer === 'bfgs' ? new Bfgs(start) : new Adam(start, (step) => rate * (1 - (0.9 * step) / steps));
  const losses: number[] = [];
  let best: Omit<FittedCells<N>, 'losses'> | undefined;
  for (let converged = false; !converged && losses.length < steps; ) {
    const at = search.at;
    const values = fitted.map(({ value }, i) => value(at[i]!));
    const changed = new Change(cell);
    fitted.forEach(({ apply }, i) => {
      apply(changed, values[i]!);
    });
    const now = changed.cell();
    const gradients = await differentiateCells(
      all.map(() => now),
      { ...differentiated, synapses: { ...differentiated.synapses, ...changed.synapses } },
    );
    const { loss } = gradients;
    losses.push(loss);
    if (best === undefined || loss < best.loss) {
      const named = Object.keys(numbers).map((name, i) => [name, values[i]!]);
      best = { numbers: Object.freeze(Object.fromEntries(named)), loss, cell: now };
    }
    onProgress?.({ done: losses.length, total: steps, loss });
    const slopes = fitted.map(({ gradient, slope }, i) => gradient(gradients, now) * slope(at[i]!));
    converged = search.tell(loss, slopes);
  }
  return Object.freeze({ ...best!, losses: Float64Array.from(losses) });
}

/** A number to fit as a function of a variable without bounds. */
interface Fitted {
  readonly start: number;
  value(x: number): number;
  /** Derivative of the value. */
  slope(x: number): number;
  apply(change: Change, value: number): void;
  gradient(gradients: CellGradients, cell: Cell): number;
}

/** A cell whose numbers are replaced. */
class Change {
  private readonly of: Cell;
  private readonly painted: PaintedNodes[];
  private readonly factors = { axial: 1, capacitance: 1 };
  readonly synapses: Record<string, CellSynapse> = {};

  constructor(of: Cell) {
    this.of = of;
    this.painted = [...of.painted];
  }

  paint(index: number, parameter: string, value: number | readonly number[]): void {
    const before = this.painted[index]!;
    this.painted[index] = { ...before, values: { ...before.values, [parameter]: value } };
  }

  scale(what: 'axial' | 'capacitance', factor: number): void {
    this.factors[what] *= factor;
  }

  cell(): Cell {
    const { axial, capacitance, ...others } = this.of.compartments;
    const scaled = {
      ...others,
      axial: axial.map((x) => x * this.factors.axial),
      capacitance: capacitance.map((x) => x * this.factors.capacitance),
    };
    const inside = (region: unknown) => this.of.inside(region);
    return new Cell(this.of.morphology, Object.freeze(scaled), Object.freeze(this.painted), inside);
  }
}

function fittedNumber(
  name: string,
  given: FittedNumber,
  cell: Cell,
  synapses: Readonly<Record<string, CellSynapse>>,
): Fitted {
  const of = checkOptions<{ [key: string]: unknown }>(name, given, [
    'paint',
    'parameter',
    'synapse',
    'factorOf',
    'min',
    'max',
    'start',
  ]);
  const min = finite(`${name}.min`, of.min);
  const max = finite(`${name}.max`, of.max, { above: min });
  const kinds = ['paint', 'synapse', 'factorOf'].filter((kind) => of[kind] !== undefined);
  if (kinds.length !== 1) invalid(name, given, 'one of paint, synapse and factorOf');
  const bound = (initial: number) => {
    const start = finite(`${name}.start`, of.start ?? initial, { min, max });
    return bounded(min, max, start);
  };
  if ('synapse' in given) {
    const shared = typeof given.synapse === 'string' ? [given.synapse] : given.synapse;
    if (!Array.isArray(shared) || shared.length === 0)
      invalid(`${name}.synapse`, shared, 'names of synapses');
    const known = Object.keys(synapses);
    for (const one of shared) if (!known.includes(one)) throw unknownName('synapse', one, known);
    return {
      ...bound(synapses[shared[0]]!.weight ?? 0),
      apply: (change, weight) => {
        for (const one of shared) change.synapses[one] = { ...synapses[one]!, weight };
      },
      gradient: (gradients) => shared.reduce((sum: number, one: string) => sum + gradients.synapses[one]!, 0),
    };
  }
  if ('factorOf' in given) {
    oneOf(`${name}.factorOf`, given.factorOf, ['resistivity', 'capacitance']);
    const what = given.factorOf === 'resistivity' ? 'axial' : 'capacitance';
    const original = cell.compartments[what];
    return {
      ...bound(1),
      apply: (change, factor) => change.scale(what, factor),
      gradient: (gradients, now) =>
        gradients.gradientOf(now)[what].reduce((sum, x, i) => sum + x * original[i]!, 0),
    };
  }
  const { paint, parameter } = given;
  const indices = typeof paint === 'number' ? [paint] : paint;
  if (!Array.isArray(indices) || indices.length === 0) invalid(`${name}.paint`, paint, 'indices of paint');
  const bases = indices.map((index) => {
    const painted = cell.painted[integer(`${name}.paint`, index, { min: 0, max: cell.painted.length - 1 })]!;
    if (!Object.hasOwn(painted.defaults, parameter))
      throw unknownName(`parameter of ${painted.name}`, parameter, Object.keys(painted.defaults));
    return painted.values[parameter] ?? painted.defaults[parameter]!;
  });
  const [first] = bases;
  return {
    ...bound(typeof first === 'number' ? first : 1),
    apply: (change, value) => {
      indices.forEach((index, i) => {
        const base = bases[i]!;
        change.paint(index, parameter, typeof base === 'number' ? value : base.map((x) => x * value));
      });
    },
    gradient: (gradients, now) =>
      indices.reduce((sum, index, i) => {
        const base = bases[i]!;
        const of = gradients.gradientOf(now).paint[index]!.parameters[parameter]!;
        return sum + of.reduce((part, x, k) => part + x * (typeof base === 'number' ? 1 : base[k]!), 0);
      }, 0),
  };
}

/** A number between bounds as a logistic function, of its logarithm if both bounds are positive. */
function bounded(min: number, max: number, start: number): Pick<Fitted, 'start' | 'value' | 'slope'> {
  const isLogarithmic = min > 0;
  const [low, high] = isLogarithmic ? [log(min), log(max)] : [min, max];
  const share = (x: number) => 1 / (1 + exp(-x));
  const value = (x: number) => {
    const at = low + (high - low) * share(x);
    return isLogarithmic ? exp(at) : at;
  };
  const slope = (x: number) => (high - low) * share(x) * (1 - share(x)) * (isLogarithmic ? value(x) : 1);
  const at = ((isLogarithmic ? log(start) : start) - low) / (high - low);
  // At a bound the slope would be 0.
  const inside = Math.min(Math.max(at, 0.01), 0.99);
  return { start: log(inside / (1 - inside)), value, slope };
}
