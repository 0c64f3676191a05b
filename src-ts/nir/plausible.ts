/** Time constants that no network has: files in ms, in steps, or multiplied by dt. */
import { extent } from '../numbers/extent.ts';
import type { FlatGraph } from './flat.ts';
import { numbersOf } from './shapes.ts';

/** Steps within which a time constant is likely. */
const [fewest, most] = [1, 1e5];

/** @param scale - what the conventions multiply time constants by; @param dt - ms */
export function implausible(graph: FlatGraph, scale: number, dt: number): string[] {
  const warnings: string[] = [];
  for (const [name, node] of graph.nodes) {
    for (const key of ['tau', 'tau_mem', 'tau_syn']) {
      const values = numbersOf(node, key);
      if (values === undefined) continue;
      const steps = values.map((tau) => (tau * scale * 1000) / dt);
      const [low, high] = extent(steps);
      const of = `${name}.${key} is ${short(low)}${high > low ? ` to ${short(high)}` : ''} steps of ${dt} ms`;
      if (low < fewest)
        warnings.push(
          `${of}, less than one: dt is too long, or the file’s time constants were multiplied by dt (Norse)`,
        );
      if (high > most)
        warnings.push(`${of}: the file’s time constants are perhaps in ms or in steps, not in seconds`);
    }
  }
  return warnings;
}

function short(x: number): string {
  return Number(x.toPrecision(3)).toString();
}
