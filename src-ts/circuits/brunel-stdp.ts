/**
 * Brunel's network with plastic synapses between excitatory neurons: multiplicative STDP as in J. Rubin et al.,
 * Physical Review Letters 86, 2001, with the parameters of A. Morrison et al., Neural Computation 19, 2007. The weights
 * converge to about wMax / (1 + alpha), where potentiation and depression balance.
 */

import { circuit } from '../circuit/circuit.ts';
import { poisson } from '../circuit/elements/devices.ts';
import { connect, population } from '../circuit/elements/elements.ts';
import * as rule from '../circuit/elements/rule.ts';
import * as synapse from '../neurons/synapses.generated.ts';
import { brunelNeuron } from './brunel.ts';
import { type CircuitContext, type CircuitScript, checkContext, scaled } from './script.ts';

/** 10,000 excitatory and 2,500 inhibitory neurons at `scale` 1; the in-degree is always 1,000 + 250. */
export function brunelStdp(context: CircuitContext = {}): CircuitScript {
  const { scale = 1 } = checkContext('brunelStdp', context);
  const [model, options] = brunelNeuron;
  const E = population(model, scaled(scale, 'E', 10_000), { ...options, name: 'E' });
  const I = population(model, scaled(scale, 'I', 2_500), { ...options, name: 'I' });

  const excitation = { weight: 0.1, delay: 1.5 }; // mV, ms
  const inhibition = { weight: -0.5, delay: 1.5 };
  const learning = synapse.stdp({
    like: 'nest', // the whole delay is dendritic
    tauPlus: 20,
    tauMinus: 20,
    lambda: 0.01,
    alpha: 2,
    muPlus: 1,
    muMinus: 1,
    wMax: 0.3,
  });
  const external = poisson(20_000);
  return {
    circuit: circuit(
      E,
      I,
      connect(E, E, rule.fixedInDegree(1000), { ...excitation, model: learning }),
      connect(E, I, rule.fixedInDegree(1000), excitation),
      [E, I].flatMap((target) => [
        connect(I, target, rule.fixedInDegree(250), inhibition),
        connect(external, target, { weight: 0.1 }),
      ]),
    ),
  };
}
