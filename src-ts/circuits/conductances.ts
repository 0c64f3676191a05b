/** Common parts of benchmarks 1 and 3 of R. Brette et al. 2007: wiring, and initial conductances. */

import { circuit } from '../circuit/circuit.ts';
import * as distribution from '../circuit/elements/distribution.ts';
import { connect } from '../circuit/elements/elements.ts';
import type { Population } from '../circuit/elements/populations.ts';
import * as rule from '../circuit/elements/rule.ts';
import { type CircuitContext, type CircuitScript, scaled } from './script.ts';

/**
 * 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16.
 *
 * @param cells - neurons with these initial states
 */
export function conductanceBased(
  { scale = 1, seed = 0 }: CircuitContext,
  cells: (name: string, size: number, initial: ReturnType<typeof start>) => Population,
): CircuitScript {
  const [excitatory, inhibitory] = [scaled(scale, 'E', 3200), scaled(scale, 'I', 800)];
  const E = cells('E', excitatory, start(excitatory, 4 * seed));
  const I = cells('I', inhibitory, start(inhibitory, 4 * seed + 2));
  return {
    circuit: circuit(
      E,
      I,
      [E, I].flatMap((target) => [
        connect(E, target, rule.fixedInDegree(64), { weight: 6, delay: 0.1 }), // nS
        connect(I, target, rule.fixedInDegree(16), { weight: 67, delay: 0.1, port: 'inhibitory' }),
      ]),
    ),
  };
}

function start(size: number, draws: number) {
  // Sampled values below 0 are set to 0.
  const conductances = (mean: number, sd: number, seed: number) =>
    distribution.draw(distribution.normal(mean, sd), size, seed).map((g) => Math.max(0, g));
  return {
    v: distribution.normal(-65, 5),
    gE: conductances(40, 15, draws),
    gI: conductances(200, 120, draws + 1),
  };
}
