/**
 * The pulse-coupled network of E. M. Izhikevich, Simple model of spiking neurons, IEEE Transactions on Neural Networks
 * 14, 2003: 1,000 neurons, all to all, each with independent noise.
 */

import { circuit } from '../circuit/circuit.ts';
import { noise } from '../circuit/elements/devices.ts';
import * as distribution from '../circuit/elements/distribution.ts';
import { connect, population } from '../circuit/elements/elements.ts';
import * as rule from '../circuit/elements/rule.ts';
import { izhikevich as izhikevichNeuron } from '../neurons/models.generated.ts';
import { type CircuitContext, type CircuitScript, checkContext, scaled } from './script.ts';

/**
 * 800 excitatory and 200 inhibitory neurons at `scale` 1, all to all. At another scale each neuron has 80 excitatory and 20
 * inhibitory sources, with weights five times as large.
 */
export function izhikevich(context: CircuitContext = {}): CircuitScript {
  const { scale = 1, seed = 0 } = checkContext('izhikevich', context, 2);
  const sizes = { E: scaled(scale, 'E', 800), I: scaled(scale, 'I', 200) };
  const r = (size: number, draws: number) => distribution.draw(distribution.uniform(0, 1), size, draws);
  const re = r(sizes.E, 2 * seed);
  const ri = r(sizes.I, 2 * seed + 1);
  const E = population(izhikevichNeuron, sizes.E, {
    name: 'E',
    a: 0.02,
    b: 0.2,
    c: re.map((x) => -65 + 15 * x ** 2),
    d: re.map((x) => 8 - 6 * x ** 2),
  });
  const I = population(izhikevichNeuron, sizes.I, {
    name: 'I',
    a: ri.map((x) => 0.02 + 0.08 * x),
    b: ri.map((x) => 0.25 - 0.05 * x),
    c: -65,
    d: 2,
  });
  const whole = scale === 1;
  const [fromE, fromI] = whole
    ? [rule.allToAll(), rule.allToAll()]
    : [rule.fixedInDegree(80), rule.fixedInDegree(20)];
  const gain = whole ? 1 : 5;
  return {
    circuit: circuit(
      E,
      I,
      [E, I].flatMap((target) => [
        connect(E, target, fromE, { weight: distribution.uniform(0, 0.5 * gain), delay: 1 }),
        connect(I, target, fromI, { weight: distribution.uniform(-gain, 0), delay: 1 }),
      ]),
      connect(noise({ sd: 5 }), E),
      connect(noise({ sd: 2 }), I),
    ),
    dt: 1,
  };
}
