/** Layers side by side: residual connections, concatenation, and graphs of any form. */
import { invalid, oneOf } from './check.ts';
import type { Layer } from './network.ts';

/** Branches that read the same and are joined. */
export interface Branches {
  readonly layer: 'branches';
  readonly join: 'add' | 'concat';
  readonly branches: readonly (readonly Layer[])[];
  readonly name?: string;
}

/**
 * What enters and what layers make of it, added (K. He et al., CVPR 2016).
 *
 * @param body - layers one after the other
 * @param shortcut - layers of the other branch; default none: what enters
 * @example
 * ```ts
 * residual([conv2d(16, 16, 3, { padding: 1 }), lif({ beta: 0.9 })])
 * ```
 * @throws LapicqueError `invalid-parameter` for an empty body
 */
export function residual(body: readonly Layer[], shortcut: readonly Layer[] = []): Branches {
  if (!Array.isArray(body) || body.length === 0) invalid('residual.body', body, 'a list of layers');
  if (!Array.isArray(shortcut)) invalid('residual.shortcut', shortcut, 'a list of layers');
  return branches('add', [shortcut, body]);
}

/**
 * What several branches make of the same, one behind the other along the channels. A branch is a list of layers; an empty
 * one is what enters.
 *
 * @throws LapicqueError `invalid-parameter` without a branch
 */
export function concat(...lists: readonly (readonly Layer[])[]): Branches {
  if (lists.length === 0) invalid('concat', lists, 'at least one list of layers');
  lists.forEach((list, i) => {
    if (!Array.isArray(list)) invalid(`concat[${i}]`, list, 'a list of layers');
  });
  return branches('concat', lists);
}

function branches(join: Branches['join'], lists: readonly (readonly Layer[])[]): Branches {
  return Object.freeze({
    layer: 'branches',
    join,
    branches: Object.freeze(lists.map((list) => Object.freeze([...list]))),
  });
}

/** Joins what several edges of a {@link GraphSpec} bring. */
export interface Join {
  readonly layer: 'join';
  readonly join: 'add' | 'concat';
}

/**
 * A node of a {@link GraphSpec} that adds what its edges bring, or puts it one behind the other along the channels in the
 * order of the edges.
 */
export function join(kind: 'add' | 'concat'): Join {
  return Object.freeze({ layer: 'join', join: oneOf('join', kind, ['add', 'concat']) });
}

/** Any directed graph of layers, for `graph`. */
export interface GraphSpec {
  /** Layers by name. */
  readonly nodes: Readonly<Record<string, Layer | Join>>;
  /**
   * `[from, to]`: who reads whom; `input` is the network's input. What several edges bring to a population is added; any
   * other layer reads one, but for {@link join}.
   */
  readonly edges: readonly (readonly [string, string])[];
  /** The population whose spikes and membrane are the output. */
  readonly output: string;
  /** Shape of the input: `[channels]`, `[channels, width]` or `[channels, height, width]`. */
  readonly inputs: readonly number[];
}
