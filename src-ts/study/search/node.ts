/** The nodes that searches and pruners are: plain frozen objects. */
import { options as checkOptions, definite } from '../../checks/check.ts';

/** @param of - `search` or `prune`, for messages; @param known - the names of the options */
export function node<K extends string, O extends object>(
  of: 'search' | 'prune',
  kind: K,
  options: O | undefined,
  known: readonly (keyof O & string)[],
): { readonly kind: K } & O {
  const checked = checkOptions(`${of}.${kind}`, options, known);
  definite(`${of}.${kind}`, checked);
  return Object.freeze({ kind, ...checked });
}
