/** Sets of compartments, as plain data. */
import { eachFinite, integer, invalid, options, tree } from '../checks/check.ts';
import { type Tag, tagNumber } from './morphology.ts';

/**
 * A set of compartments: `'all'`, the branches of a type, or one of these:
 * - `{ branches }`: branches by their indices,
 * - `{ subtree }`: a branch, and all that is attached to it or to its descendants,
 * - `{ distance: [from, to] }`: path length of the compartment's center from the middle of the first branch in µm, `to` excluded,
 * - `{ order: [from, to] }`: number of branches between the first and the compartment's, both included,
 * - `{ union }`, `{ intersection }` of regions, `{ not }` a region.
 */
export type Region =
  | 'all'
  | Tag
  | { readonly branches: readonly number[] }
  | { readonly subtree: number }
  | { readonly distance: readonly [number, number] }
  | { readonly order: readonly [number, number] }
  | { readonly union: readonly Region[] }
  | { readonly intersection: readonly Region[] }
  | { readonly not: Region };

const kinds = ['branches', 'subtree', 'distance', 'order', 'union', 'intersection', 'not'] as const;

/** A region as the engine reads it. @internal */
export function regionOf(name: string, region: Region): unknown {
  tree(name, region);
  return checked(name, region);
}

function checked(name: string, region: Region): unknown {
  if (region === 'all') return 'all';
  if (typeof region === 'string' || typeof region === 'number') return { tag: tagNumber(name, region) };
  const of = options<Partial<Record<(typeof kinds)[number], unknown>>>(name, region, kinds);
  const [[kind, value] = ['', undefined], ...others] = Object.entries(of);
  const at = `${name}.${kind}`;
  if (kind === '' || others.length > 0) invalid(name, region, `an object with one of ${kinds.join(', ')}`);
  if (kind === 'not') return { not: checked(at, value as Region) };
  if (kind === 'subtree') return { subtree: integer(at, value, { min: 0 }) };
  if (!Array.isArray(value)) invalid(at, value, 'a list');
  if (kind === 'union' || kind === 'intersection')
    return { [kind]: value.map((part, i) => checked(`${at}[${i}]`, part)) };
  if (kind === 'distance') {
    if (value.length !== 2 || typeof value[0] !== 'number' || typeof value[1] !== 'number')
      invalid(at, value, '[from, to] in µm');
    // JSON has no infinities.
    const limited = value.map((x: number) => Math.min(Math.max(x, -1e300), 1e300));
    eachFinite(at, limited);
    return { distance: limited };
  }
  value.forEach((x, i) => {
    integer(`${at}[${i}]`, x, { min: 0 });
  });
  if (kind === 'order' && value.length !== 2) invalid(at, value, '[from, to]');
  return { [kind]: value };
}
