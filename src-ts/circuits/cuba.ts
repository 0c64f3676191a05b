/**
 * Benchmark 2 of R. Brette et al., Simulation of networks of spiking neurons, Journal of Computational Neuroscience 23,
 * 2007: integrate-and-fire neurons with exponential currents, after T. P. Vogels and L. F. Abbott, 2005.
 */

import { circuit } from '../circuit/circuit.ts';
import * as distribution from '../circuit/elements/distribution.ts';
import { connect, population } from '../circuit/elements/elements.ts';
import * as rule from '../circuit/elements/rule.ts';
import { iafPscExp } from '../neurons/models.generated.ts';
import { type CircuitContext, type CircuitScript, checkContext, scaled } from './script.ts';

/** 3,200 excitatory and 800 inhibitory neurons at `scale` 1; the in-degree is always 64 + 16. */
export function cuba(context: CircuitContext = {}): CircuitScript {
  const { scale = 1 } = checkContext('cuba', context);
  const neuron = {
    c: 200, // pF
    tauMem: 20,
    tauE: 5,
    tauI: 10,
    tauRef: 5,
    vLeak: -49, // above the threshold: the neurons fire on their own
    vThreshold: -50,
    vReset: -60,
    initial: { v: distribution.uniform(-60, -50) },
  };
  const E = population(iafPscExp, scaled(scale, 'E', 3200), { ...neuron, name: 'E' });
  const I = population(iafPscExp, scaled(scale, 'I', 800), { ...neuron, name: 'I' });
  return {
    circuit: circuit(
      E,
      I,
      [E, I].flatMap((target) => [
        connect(E, target, rule.fixedInDegree(64), { weight: 16.2, delay: 0.1 }), // pA
        connect(I, target, rule.fixedInDegree(16), { weight: -90, delay: 0.1 }),
      ]),
    ),
  };
}
