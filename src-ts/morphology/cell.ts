/** Cells: a morphology in compartments, with mechanisms painted on regions. */
import {
  options as checkOptions,
  eachFinite,
  finite,
  integer,
  invalid,
  unknownName,
} from '../checks/check.ts';
import { addon, unwrap } from '../engine/native.ts';
import { type Mechanism, type MechanismName, mechanismOf } from './mechanism.ts';
import { type Branch, type Location, Morphology, type Tag } from './morphology.ts';
import { type Region, regionOf } from './region.ts';

/** The number of compartments of each branch, which is odd. */
export type Division =
  /** Pieces of at most twice this length, in µm: `1 + 2 ⌊L / (2 maxLength)⌋` of them. */
  | { readonly maxLength: number }
  /** Pieces of at most this fraction of the length constant at 100 Hz (NEURON's d_lambda rule). */
  | { readonly lengthConstant: number }
  /** This odd number for each branch. */
  | { readonly perBranch: number };

/** A compartment, as functions of {@link Paint.parameters} receive it. */
export interface Compartment {
  readonly branch: number;
  /** Position of its center on the branch, from 0 to 1. */
  readonly x: number;
  /** Path length from the middle of the first branch to its center, in µm. */
  readonly distance: number;
  readonly tag: Tag;
  /** Radius at its center in µm. */
  readonly radius: number;
}

/** A mechanism on a region. */
export interface Paint {
  /** A name of the catalog, or equations. */
  mechanism: MechanismName | Mechanism;
  /** Default `'all'`. Regions of one mechanism must not overlap. */
  region?: Region;
  /** In place of the mechanism's default values: a number, or a function of the compartment. */
  parameters?: Readonly<Record<string, number | ((compartment: Compartment) => number)>>;
}

/** Options of {@link cell}. */
export interface CellOptions {
  /** Default `{ lengthConstant: 0.1 }`. */
  compartments?: Division;
  /** Axial resistivity in Ω cm: a number, or a function of the branch; default 100. */
  resistivity?: number | ((branch: Branch) => number);
  /** Membrane capacitance in µF/cm²: a number, or a function of the branch; default 1. */
  capacitance?: number | ((branch: Branch) => number);
  /** Mechanisms on regions. Where none is painted, the membrane is a capacitor alone. */
  paint: readonly Paint[];
}

/** Compartments of a cell, and nodes without area at the start of the first branch and at the end of each. */
export interface Compartments {
  /** Number of nodes. */
  readonly count: number;
  /** The node before each; -1 for the first. */
  readonly parent: Int32Array;
  /** Membrane area in µm²; 0 for the ends of branches. */
  readonly area: Float64Array;
  /** Resistance to the parent in MΩ. */
  readonly axial: Float64Array;
  /** Capacitance of the membrane in µF/cm². */
  readonly capacitance: Float64Array;
  /** Index of the branch. */
  readonly branch: Uint32Array;
  /** Position on the branch, from 0 to 1. */
  readonly x: Float64Array;
  /** Path length from the middle of the first branch, in µm. */
  readonly distance: Float64Array;
  /** x, y, z and radius in µm, `[nodes, 4]`. */
  readonly at: Float64Array;
  /** First node and number of compartments of each branch, `[branches, 2]`. @internal */
  readonly spans: Uint32Array;
}

/** A mechanism on nodes, as the engine reads it. @internal */
export interface PaintedNodes {
  readonly name: string;
  readonly mechanism: string | Mechanism;
  readonly nodes: readonly number[];
  readonly values: Readonly<Record<string, number | readonly number[]>>;
  /** The mechanism's own values of all its parameters. */
  readonly defaults: Readonly<Record<string, number>>;
}

/** A morphology in compartments with its mechanisms. One cell can be simulated many times at once. */
export class Cell {
  readonly morphology: Morphology;
  readonly compartments: Compartments;
  /** @internal */
  readonly painted: readonly PaintedNodes[];
  readonly #inside: (region: unknown) => Uint8Array;

  /** @internal */
  constructor(
    morphology: Morphology,
    compartments: Compartments,
    painted: readonly PaintedNodes[],
    inside: (region: unknown) => Uint8Array,
  ) {
    this.morphology = morphology;
    this.compartments = compartments;
    this.painted = painted;
    this.#inside = inside;
    Object.freeze(this);
  }

  /** By node: 1 if a region, as the engine reads it, contains it. @internal */
  inside(region: unknown): Uint8Array {
    return this.#inside(region);
  }

  /** The node at a location: an end of the branch for x = 0 and x = 1, otherwise the compartment that contains it. */
  node({ branch, x }: Location): number {
    const [first, count] = [this.compartments.spans[2 * branch]!, this.compartments.spans[2 * branch + 1]!];
    if (x >= 1) return first + count;
    if (x > 0) return first + Math.min(Math.floor(x * count), count - 1);
    const { parent, at } = this.morphology.branches[branch]!;
    return parent === undefined ? 0 : this.node({ branch: parent, x: at });
  }
}

/**
 * Cuts a morphology into compartments and paints mechanisms on them.
 *
 * @example
 * ```ts
 * const pyramidal = morphology.cell(shape, {
 *   compartments: { maxLength: 20 },
 *   paint: [
 *     { mechanism: 'hh', region: 'soma' },
 *     { mechanism: 'passive', region: { not: 'soma' }, parameters: { g: ({ distance }) => 1e-4 * (1 + distance / 500) } },
 *   ],
 * });
 * ```
 * @throws LapicqueError `invalid-parameter` and `unknown-name` with the option; `too-large`
 */
export function cell(morphology: Morphology, options: CellOptions): Cell {
  if (!(morphology instanceof Morphology)) invalid('morphology', morphology, 'a Morphology');
  const {
    compartments = { lengthConstant: 0.1 },
    resistivity = 100,
    capacitance = 1,
    paint,
  } = checkOptions('options', options, ['compartments', 'resistivity', 'capacitance', 'paint']);
  if (!Array.isArray(paint)) invalid('paint', paint, 'a list of mechanisms on regions');
  const regions = paint.map(({ region = 'all' }: Paint, i) => regionOf(`paint[${i}].region`, region));
  const perBranch = (name: string, value: number | ((branch: Branch) => number)) =>
    Float64Array.from(morphology.branches, (branch) =>
      finite(name, typeof value === 'function' ? value(branch) : value, { above: 0 }),
    );
  const capacitances = perBranch('capacitance', capacitance);
  const division = JSON.stringify(divisionOf(compartments));
  const resistivities = perBranch('resistivity', resistivity);
  const cutWith = (regions: readonly unknown[]) =>
    unwrap(
      addon.cutMorphology(morphology.arrays, division, resistivities, capacitances, JSON.stringify(regions)),
    );
  const { inside, ...cut } = cutWith(regions);
  const count = cut.parent.length;
  const made = {
    count,
    ...cut,
    capacitance: Float64Array.from(cut.branch, (branch) => capacitances[branch]!),
  };
  const of = (node: number): Compartment => ({
    branch: made.branch[node]!,
    x: made.x[node]!,
    distance: made.distance[node]!,
    tag: morphology.branches[made.branch[node]!]!.tag,
    radius: made.at[4 * node + 3]!,
  });
  const painted = paint.map((one, i) =>
    paintedNodes(`paint[${i}]`, one, inside.subarray(i * count), count, of),
  );
  refuseOverlaps(painted, count);
  const insideOf = (region: unknown) => cutWith([region]).inside;
  return new Cell(morphology, Object.freeze(made), Object.freeze(painted), insideOf);
}

function divisionOf(division: Division): unknown {
  const kinds = ['maxLength', 'lengthConstant', 'perBranch'] as const;
  const of = checkOptions<Partial<Record<(typeof kinds)[number], number>>>('compartments', division, kinds);
  const [[kind, value] = ['', 0], ...others] = Object.entries(of);
  if (kind === '' || others.length > 0) invalid('compartments', division, `one of ${kinds.join(', ')}`);
  const name = `compartments.${kind}`;
  if (kind === 'perBranch') integer(name, value, { min: 1 });
  else finite(name, value, { above: 0 });
  return of;
}

function paintedNodes(
  name: string,
  paint: Paint,
  inside: Uint8Array,
  count: number,
  of: (node: number) => Compartment,
): PaintedNodes {
  const { mechanism, parameters = {} } = checkOptions(name, paint, ['mechanism', 'region', 'parameters']);
  const nodes: number[] = [];
  for (let node = 0; node < count; node++) if (inside[node] === 1) nodes.push(node);
  const { name: known, parameters: defaults, definition } = mechanismOf(`${name}.mechanism`, mechanism);
  const names = Object.keys(defaults);
  const values: Record<string, number | readonly number[]> = {};
  for (const [parameter, value] of Object.entries(parameters)) {
    if (!names.includes(parameter)) throw unknownName(`parameter of ${known}`, parameter, names);
    const at = `${name}.parameters.${parameter}`;
    if (typeof value === 'function') {
      const list = nodes.map((node) => value(of(node)));
      eachFinite(at, list);
      values[parameter] = list;
    } else values[parameter] = finite(at, value);
  }
  return { name: known, mechanism: definition, nodes, values, defaults };
}

function refuseOverlaps(painted: readonly PaintedNodes[], count: number): void {
  const seen = new Map<string, { first: number; taken: Uint8Array }>();
  painted.forEach(({ name, nodes, mechanism }, i) => {
    const before = seen.get(name);
    const taken = before?.taken ?? new Uint8Array(count);
    if (before === undefined) seen.set(name, { first: i, taken });
    else if (JSON.stringify(painted[before.first]!.mechanism) !== JSON.stringify(mechanism))
      invalid(`paint[${i}].mechanism`, mechanism, `the definition of ${name} in paint[${before.first}]`);
    for (const node of nodes) {
      if (taken[node] === 1) invalid(`paint[${i}].region`, `node ${node}`, `a region without ${name}`);
      taken[node] = 1;
    }
  });
}
