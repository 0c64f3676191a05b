/** Finds implausible time constants: those in ms, in steps, or multiplied by dt. */
import { extent } from '../numbers/extent.ts';
import type { FlatGraph } from './flat.ts';
import { numbersOf } from './graph.ts';

/** The plausible range of a time constant in steps. */
const [minSteps, maxSteps] = [1, 1e5];

/** @param scale - the factor on time constants; @param dt - ms */
export function implausible(graph: FlatGraph, scale: number, dt: number): string[] {
  const warnings: string[] = [];
  for (const [name, node] of graph.nodes) {
    for (const key of ['tau', 'tau_mem', 'tau_syn']) {
      const values = numbersOf(node, key);
      if (values === undefined) continue;
      const steps = values.map((tau) => (tau * scale * 1000) / dt);
      const [low, high] = extent(steps);
      const range = `${name}.${key} is ${short(low)}${high > low ? ` to ${short(high)}` : ''} steps of ${dt} ms`;
      if (low < minSteps)
        warnings.push(
          `${range}, less than one: dt is too long, or the exporter multiplied the time constants by dt (Norse)`,
        );
      if (high > maxSteps)
        warnings.push(
          `${range}: the time constants of the file are perhaps in ms or in steps, not in seconds`,
        );
    }
  }
  return warnings;
}

function short(x: number): string {
  return Number(x.toPrecision(3)).toString();
}
