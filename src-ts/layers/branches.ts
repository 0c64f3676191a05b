/** Parallel layers: residual connections, concatenation, and arbitrary graphs. */
import { options as checkOptions, integer, invalid, oneOf } from '../checks/check.ts';
import type { FittingBody, FittingBranch, FittingBranches } from './fitting.ts';
import {
  type Branches,
  checkLayers,
  type Joining,
  type Layer,
  type MatrixProductJoin,
} from './layer-kinds.ts';
import { operationJoin } from './operation-node.ts';
import { operationTables } from './operation-tables.generated.ts';
import type { AttentionJoin, AttentionOptions } from './operations.generated.ts';

/**
 * The sum of two branches: `y = shortcut(x) + body(x)` (K. He et al., CVPR 2016).
 *
 * @param body - a sequence of layers
 * @param shortcut - layers of the other branch; default none: the input itself
 * @returns a layer with the output shape of both branches
 * @example
 * ```ts
 * residual([conv2d(16, 16, 3, { padding: 1 }), lif({ beta: 0.9 })])
 * ```
 * @throws LapicqueError `invalid-parameter` for an empty body or an object that is not a layer; at `compile` `shape-mismatch`
 * for branches with different shapes (a type error if sizes are literals)
 */
export function residual<
  const Body extends readonly Layer[],
  const Shortcut extends readonly Layer[] = readonly [],
>(
  body: FittingBody<Body, Shortcut>,
  shortcut?: FittingBranch<Shortcut, Body>,
): Branches<'add', readonly [NoInfer<Shortcut>, Body]>;
export function residual(body: readonly Layer[], shortcut: readonly Layer[] = []): Branches {
  if (!Array.isArray(body) || body.length === 0) invalid('residual.body', body, 'a list of layers');
  checkBranch('residual.body', body);
  checkBranch('residual.shortcut', shortcut);
  return branches('add', [shortcut, body]);
}

/**
 * Concatenates the outputs of several branches along the channels: `y = [a(x), b(x), …]`, as `torch.cat`.
 *
 * @param lists - a list of layers for each branch; an empty one passes the input through
 * @returns a layer from the common input to `[sum of their channels, …pixels]`
 * @throws LapicqueError `invalid-parameter` without a branch or for an object that is not a layer; at `compile`
 * `shape-mismatch` for branches with different pixels
 */
export function concat<const L extends readonly (readonly Layer[])[]>(
  ...lists: FittingBranches<L>
): Branches<'concat', L>;
export function concat(...lists: readonly (readonly Layer[])[]): Branches {
  return listed('concat', lists);
}

/**
 * Multiplies the outputs of several branches element by element: `y = a(x) b(x) …`; for spikes, a mask. Branches after the
 * first may have one pixel, `[channels, 1, 1]` or `[channels]`, which is broadcast to all pixels.
 *
 * @param lists - a list of layers for each branch; an empty one passes the input through
 * @returns a layer with the output shape of the first branch
 * @throws LapicqueError `invalid-parameter` without a branch or for an object that is not a layer; at `compile`
 * `shape-mismatch` for shapes that do not match
 */
export function multiply<const L extends readonly (readonly Layer[])[]>(
  ...lists: FittingBranches<L>
): Branches<'multiply', L>;
export function multiply(...lists: readonly (readonly Layer[])[]): Branches {
  return listed('multiply', lists);
}

function listed(join: 'concat' | 'multiply', lists: readonly (readonly Layer[])[]): Branches {
  if (lists.length === 0) invalid(join, lists, 'at least one list of layers');
  lists.forEach((list, i) => {
    checkBranch(`${join}[${i}]`, list);
  });
  return branches(join, lists);
}

/** Checks a list of layers. */
export function checkBranch(name: string, list: readonly Layer[]): void {
  if (!Array.isArray(list)) invalid(name, list, 'a list of layers');
  checkLayers((i) => `${name}[${i}]`, list);
}

/** Makes the node that joins branches. */
export function branches(join: Branches['join'], lists: readonly (readonly Layer[])[]): Branches {
  return Object.freeze({
    layer: 'branches',
    join,
    branches: Object.freeze(lists.map((list) => Object.freeze([...list]))),
  });
}

/** Joins the inputs of several edges of a {@link GraphSpec}. */
export interface Join {
  readonly layer: 'join';
  readonly join: Joining;
}

/**
 * A node of a graph that joins the inputs of its edges: adds them, multiplies them (see {@link multiply}), concatenates them
 * along the channels in the order of the edges, uses them as queries, keys and values (see {@link attention}), or multiplies
 * them as two matrices, `y[i, j] = Σ a[i, k] b[k, j]` (with `inner` 1 the outer product of two vectors).
 *
 * @param kind - `'add'`, `'concat'`, `'multiply'`, or an object `{ kind: 'attention', heads, scale }` or
 * `{ kind: 'matrix-product', rows, inner, columns }`
 * @returns a node of a graph, with the shape of its inputs (`'add'`), `[sum of the channels, …pixels]`, the shape of its first
 * source, that of its queries with the values' channels, or `[rows columns]`
 * @throws LapicqueError `invalid-parameter` for another kind, heads, scale or sizes; at `compile` `shape-mismatch` for sources whose shapes do not
 * match
 */
export function join(
  kind:
    | 'add'
    | 'concat'
    | 'multiply'
    | ({ readonly kind: 'attention' } & AttentionOptions)
    | MatrixProductJoin,
): Join {
  if (typeof kind !== 'object' || kind === null) {
    return Object.freeze({ layer: 'join', join: oneOf('join', kind, ['add', 'concat', 'multiply']) });
  }
  if (kind.kind === 'matrix-product') {
    checkOptions('join', kind, ['kind', 'rows', 'inner', 'columns']);
    const size = (name: 'rows' | 'inner' | 'columns') =>
      integer(`join.${name}`, kind[name], { min: 1, max: 2 ** 24 });
    const sizes = { rows: size('rows'), inner: size('inner'), columns: size('columns') };
    return Object.freeze({ layer: 'join', join: Object.freeze({ kind: kind.kind, ...sizes }) });
  }
  const { kind: name, ...options } = kind;
  oneOf('join.kind', name, ['attention']);
  return Object.freeze({ layer: 'join', join: attentionJoin('join', options) });
}

/** Makes the node of an attention. */
export function attentionJoin(who: string, options: AttentionOptions): AttentionJoin {
  return operationJoin(operationTables.attention, who, options) as AttentionJoin;
}

/** Options of an edge of a {@link GraphSpec}. */
export interface EdgeOptions {
  /**
   * The port of the target population, such as `'inhibitory'`, or several, one for each part of the values. Default: the
   * values are divided into one part for each of the model's ports. Of a layer of {@link layer}.trace the name of one of its inputs.
   */
  port?: string | readonly string[];
  /** The state of the source that is read. Default: its spikes, or its first state if it does not spike. */
  state?: string;
  /**
   * Whether the source's values of the previous step are read; default false. Every cycle needs one such edge. It leads from a
   * population to another, or to a dense or convolutional layer between two populations.
   */
  delayed?: boolean;
}

/** A connection: `[from, to]`, or `[from, to, options]`. */
export type Edge = readonly [string, string] | readonly [string, string, EdgeOptions];

/** Any directed graph of layers, for `graph`. */
export interface GraphSpec {
  /**
   * Layers by name. A population without a path to the output may be recorded and have penalties; the loss does not change the
   * weights that lead only to it.
   */
  readonly nodes: Readonly<Record<string, Layer | Join>>;
  /**
   * Connections; `input` is the network's input, unless its inputs have names. The inputs of several edges onto one port of a population are added; any
   * other layer has one edge, except for {@link join} and for layers of {@link layer}.trace with several inputs.
   */
  readonly edges: readonly Edge[];
  /** The population whose spikes and membrane are the output. */
  readonly output: string;
  /**
   * Shape of the input: `[channels]`, `[channels, width]`, `[channels, height, width]` or `[channels, depth, height, width]`. Several inputs
   * have names: `{ image: [2, 34, 34], sound: 64 }`; each is a node that edges read, and {@link joinInputs} joins them to a batch.
   */
  readonly inputs: readonly number[] | Readonly<Record<string, number | readonly number[]>>;
}
