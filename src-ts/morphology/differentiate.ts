/** Gradients of a loss over what simulated cells record. */
import { options as checkOptions, eachFinite, finite, invalid, unknownName } from '../checks/check.ts';
import { addon, task } from '../engine/native.ts';
import type { Cell } from './cell.ts';
import { optionNames, prepared } from './prepared.ts';
import { type CellRecording, named, recordingOf } from './simulate.ts';
import type { SimulateCellsOptions } from './simulation-options.ts';

/** How a trace enters the loss; one value for each of its samples. The loss is the sum over the traces. */
export type CellObjective =
  /** `weight` (default 1) times the mean of the squared differences from the target. */
  | { readonly target: ArrayLike<number>; readonly weight?: number }
  /**
   * The sum of the products with these derivatives of your own loss with respect to the samples, at the values that `simulateCells` has
   * returned for the same arguments. The gradient is then that of your loss.
   */
  | { readonly derivatives: ArrayLike<number> };

/** Options of {@link differentiateCells}. */
export interface DifferentiateCellsOptions<R extends string = string, D extends string = string>
  extends SimulateCellsOptions<R, D> {
  /** By the names of recorders of a voltage, a state or a concentration; at least one. */
  objective: { readonly [K in R]?: CellObjective };
}

/** The gradient by what is painted on a region, one value for each of `nodes`. */
export interface PaintGradient {
  /** Name of the mechanism. */
  readonly mechanism: string;
  /** Compartments of the region. */
  readonly nodes: readonly number[];
  /** By parameter, in the parameter's unit. That of a parameter with one value for the region is the sum over its compartments. */
  readonly parameters: Readonly<Record<string, Float64Array>>;
  /** By the states at the beginning. */
  readonly states: Readonly<Record<string, Float64Array>>;
}

/** The gradient by the numbers of a cell. `voltage`, `axial` and `capacitance` have one value for each node. */
export interface CellGradient {
  /** In the order of the cell's `paint`. */
  readonly paint: readonly PaintGradient[];
  /** By the voltage at the beginning, in 1/mV. Gates begin in their steady state at this voltage. */
  readonly voltage: Float64Array;
  /** By the resistance to the parent, in 1/MΩ. With the cell's `axial`, the sum of the products is the gradient by a common factor. */
  readonly axial: Float64Array;
  /** By the capacitance of the membrane, in cm²/µF. */
  readonly capacitance: Float64Array;
}

/** The result of {@link differentiateCells}. */
export interface CellGradients<R extends string = string, D extends string = string>
  extends CellRecording<R, D> {
  readonly loss: number;
  /**
   * The gradient by the numbers of a cell. Cells that are one object have one gradient, the sum over them.
   *
   * @throws LapicqueError `invalid-parameter` for a cell that was not simulated
   */
  readonly gradientOf: (cell: Cell) => CellGradient;
  /** By the weight of each synapse's own `times`, in 1/µS. */
  readonly synapses: Readonly<Record<string, number>>;
  /** By the weight of each connection, in 1/µS. */
  readonly connections: Float64Array;
  /** By the conductance of each gap junction, in 1/µS. */
  readonly gapJunctions: Float64Array;
}

/**
 * Simulates cells as {@link simulateCells}, and computes the gradient of a loss over their traces by all their numbers at once. Off the
 * event loop.
 *
 * It is the exact derivative of what the simulation computes: an adjoint through the implicit steps, the gates and the synapses, with
 * checkpoints. Events keep the step in which they arrive, so a spike has no gradient by way of its time. Results have the same bits for any
 * number of threads.
 *
 * @example
 * ```ts
 * const { loss, gradientOf } = await morphology.differentiateCells(pyramidal, {
 *   duration: 40,
 *   currentClamps: { pulse: { at: soma, delay: 2, duration: 2, amplitude: 1 } },
 *   record: { soma: { at: soma } },
 *   objective: { soma: { target: recorded } }, // mV, one for each sample
 * });
 * gradientOf(pyramidal).paint[0]!.parameters.gNa; // Float64Array, one for each compartment of paint[0]
 * ```
 * @param cells - a cell, or a list of cells that places name by their index
 * @throws LapicqueError as {@link simulateCells}
 */
export async function differentiateCells<R extends string, D extends string = never>(
  cells: Cell | readonly Cell[],
  options: DifferentiateCellsOptions<R, D>,
): Promise<CellGradients<R, D>> {
  const { objective, ...simulated } = checkOptions('options', options, [...optionNames, 'objective']);
  const prepare = prepared(cells, simulated);
  const samples = Math.floor(prepare.steps / prepare.every) + 1;
  const { terms, values } = termsOf(objective, Object.keys(options.record ?? {}), samples);
  const { signal, onProgress, threads, synapses = {} } = options;
  const result = await task({ signal, onProgress }, (handle) =>
    addon.differentiateMorphologies(
      prepare.nodes,
      prepare.description,
      JSON.stringify(terms),
      values,
      threads,
      handle,
    ),
  );
  const gradients = cellGradients(prepare.parts, result);
  return Object.freeze({
    ...recordingOf(options, prepare, result),
    loss: result.loss,
    gradientOf: (cell: Cell) => gradients.get(cell) ?? invalid('cell', cell, 'a cell of this simulation'),
    synapses: named(synapses, (i) => result.synapses[i]!),
    connections: result.connections,
    gapJunctions: result.gaps,
  }) as CellGradients<R, D>;
}

function termsOf(
  objective: Readonly<Record<string, CellObjective | undefined>>,
  records: readonly string[],
  samples: number,
) {
  if (typeof objective !== 'object' || objective === null)
    invalid('objective', objective, 'terms by the names of recorders');
  const entries = Object.entries(objective).filter(([, term]) => term !== undefined);
  if (entries.length === 0) invalid('objective', objective, 'at least one term');
  const values = new Float64Array(entries.length * samples);
  const terms = entries.map(([key, term], i) => {
    if (!records.includes(key)) throw unknownName('recorder', key, records);
    const name = `objective.${key}`;
    const of = checkOptions<{ target?: ArrayLike<number>; weight?: number; derivatives?: ArrayLike<number> }>(
      name,
      term,
      ['target', 'weight', 'derivatives'],
    );
    const { target, derivatives, weight = 1 } = of;
    if ((target === undefined) === (derivatives === undefined))
      invalid(name, term, 'either a target or derivatives');
    if (derivatives !== undefined && of.weight !== undefined)
      invalid(`${name}.weight`, of.weight, 'no value, because derivatives contain it');
    const [kind, list] =
      target === undefined ? (['linear', derivatives!] as const) : (['squaredError', target] as const);
    const at = `${name}.${target === undefined ? 'derivatives' : 'target'}`;
    eachFinite(at, list);
    if (list.length !== samples)
      invalid(at, `${list.length} values`, `${samples} values, one for each sample`);
    values.set(list, i * samples);
    return { record: records.indexOf(key), kind, weight: finite(`${name}.weight`, weight) };
  });
  return { terms, values };
}

interface EngineGradient {
  layout: string;
  parameters: Float64Array;
  states: Float64Array;
  voltage: Float64Array;
  axial: Float64Array;
  capacitance: Float64Array;
}

/** The gradient of each cell; parts that are one cell are added. */
function cellGradients(parts: readonly Cell[], result: EngineGradient): ReadonlyMap<Cell, CellGradient> {
  const layout = JSON.parse(result.layout) as { parameters: string[]; states: string[] }[];
  const gradients = new Map<Cell, CellGradient>();
  let [node, mechanism, parameter, state] = [0, 0, 0, 0];
  for (const cell of parts) {
    const paint = cell.painted.map(({ name, nodes }): PaintGradient => {
      const { parameters, states } = layout[mechanism++]!;
      const next = (array: Float64Array, from: number) => array.slice(from, from + nodes.length);
      return {
        mechanism: name,
        nodes,
        parameters: named(toObject(parameters), () => {
          parameter += nodes.length;
          return next(result.parameters, parameter - nodes.length);
        }),
        states: named(toObject(states), () => {
          state += nodes.length;
          return next(result.states, state - nodes.length);
        }),
      };
    });
    const to = node + cell.compartments.count;
    const of = (array: Float64Array) => array.slice(node, to);
    const [voltage, axial, capacitance] = [of(result.voltage), of(result.axial), of(result.capacitance)];
    node = to;
    const before = gradients.get(cell);
    if (before === undefined) gradients.set(cell, { paint, voltage, axial, capacitance });
    else addTo(before, { paint, voltage, axial, capacitance });
  }
  return gradients;
}

function toObject(names: readonly string[]): Record<string, true> {
  return Object.fromEntries(names.map((name) => [name, true]));
}

function addTo(sum: CellGradient, other: CellGradient): void {
  const add = (to: Float64Array, from: Float64Array) =>
    from.forEach((x, i) => {
      to[i]! += x;
    });
  for (const key of ['voltage', 'axial', 'capacitance'] as const) add(sum[key], other[key]);
  sum.paint.forEach((paint, i) => {
    for (const kind of ['parameters', 'states'] as const)
      for (const [name, to] of Object.entries(paint[kind])) add(to, other.paint[i]![kind][name]!);
  });
}
