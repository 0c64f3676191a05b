/**
 * Benchmark 1 of R. Brette et al., Simulation of networks of spiking neurons, Journal of Computational Neuroscience 23,
 * 2007: integrate-and-fire neurons with exponential conductances, after T. P. Vogels and L. F. Abbott, 2005. As
 * published, a network of 4,000 may fall silent; a current of 120 pA keeps it active.
 */

import { population } from '../circuit/elements/elements.ts';
import { iafCondExp } from '../neurons/models.generated.ts';
import { conductanceBased } from './conductances.ts';
import { type CircuitContext, type CircuitScript, checkContext } from './script.ts';

/** 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16. */
export function coba(context: CircuitContext = {}): CircuitScript {
  return conductanceBased(checkContext('coba', context, 4), (name, size, initial) =>
    population(iafCondExp, size, {
      name,
      c: 200, // pF
      gL: 10, // nS
      vLeak: -60,
      vThreshold: -50,
      vReset: -60,
      tauRef: 5,
      vE: 0,
      vI: -80,
      tauE: 5,
      tauI: 10,
      iBias: 120, // pA
      initial,
    }),
  );
}
