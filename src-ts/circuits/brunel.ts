/**
 * Brunel's sparse network of excitatory and inhibitory neurons, in the regime of fast and irregular activity: N. Brunel,
 * Journal of Computational Neuroscience 8, 2000, with 12,500 neurons, g = 5 and eta = 2.
 */

import { circuit } from '../circuit/circuit.ts';
import { poisson } from '../circuit/elements/devices.ts';
import * as distribution from '../circuit/elements/distribution.ts';
import { connect, population } from '../circuit/elements/elements.ts';
import * as rule from '../circuit/elements/rule.ts';
import { lif } from '../neurons/models.generated.ts';
import { type CircuitContext, type CircuitScript, checkContext, scaled } from './script.ts';

/** The neuron of Brunel's network and its parameters. */
export const brunelNeuron = [
  lif,
  {
    like: 'nest', // an input is a jump of v
    vLeak: 0,
    tauMem: 20,
    vThreshold: 20,
    vReset: 0,
    tauRef: 2,
    initial: { v: distribution.uniform(0, 20) },
  },
] as const;

/** 10,000 excitatory and 2,500 inhibitory neurons at `scale` 1; the in-degree is always 1,000 + 250. */
export function brunel(context: CircuitContext = {}): CircuitScript {
  const { scale = 1 } = checkContext('brunel', context);
  const [model, options] = brunelNeuron;
  const E = population(model, scaled(scale, 'E', 10_000), { ...options, name: 'E' });
  const I = population(model, scaled(scale, 'I', 2_500), { ...options, name: 'I' });

  const excitation = { weight: 0.1, delay: 1.5 }; // mV, ms
  const inhibition = { weight: -0.5, delay: 1.5 };
  const external = poisson(20_000); // twice what keeps v at its threshold
  return {
    circuit: circuit(
      E,
      I,
      [E, I].flatMap((target) => [
        connect(E, target, rule.fixedInDegree(1000), excitation),
        connect(I, target, rule.fixedInDegree(250), inhibition),
        connect(external, target, { weight: 0.1 }),
      ]),
    ),
  };
}
