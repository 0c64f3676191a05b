/**
 * Benchmark 3 of R. Brette et al., Simulation of networks of spiking neurons, Journal of Computational Neuroscience 23,
 * 2007: Hodgkin–Huxley neurons with exponential conductances. Exponential Euler at 0.1 ms gives rates 15 % below those of
 * short steps; at 0.02 ms they agree.
 */

import { population } from '../circuit/elements/elements.ts';
import { hhCondExpTraub } from '../neurons/models.generated.ts';
import { conductanceBased } from './conductances.ts';
import { type CircuitContext, type CircuitScript, checkContext } from './script.ts';

/** 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16. */
export function cobahh(context: CircuitContext = {}): CircuitScript {
  const checked = checkContext('cobahh', context, 4);
  const method = (checked.method ?? 'exponential-euler') as 'exponential-euler' | 'rk4';
  return conductanceBased(checked, (name, size, initial) =>
    population(hhCondExpTraub, size, {
      name,
      // Its defaults are those of the benchmark: 200 pF, 10 nS, 20 and 6 µS, -60 mV, 5 and 10 ms, a spike above -20 mV.
      method,
      initial: { ...initial, m: 0, h: 0, n: 0 },
    }),
  );
}
