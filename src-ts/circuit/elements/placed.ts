/** The layout of a population or source. */
import { invalid } from '../../checks/check.ts';
import { isKind } from '../../checks/typed.ts';
import type { Layout } from './layout.ts';

/** The layout as a part of a node, if there is one. @internal */
export function placed(what: string, n: number, layout: Layout | undefined): { layout?: Layout } {
  if (layout === undefined) return {};
  if (!isKind(layout?.positions, Float64Array))
    invalid(`${what}.layout`, layout, 'a layout, such as layout.grid([40, 20])');
  const neurons = layout.positions.length / layout.dimensions;
  if (neurons !== n) invalid(`${what}.layout`, `positions of ${neurons} neurons`, `positions of ${n}`);
  return { layout };
}
