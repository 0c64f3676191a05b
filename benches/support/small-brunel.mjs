// Brunel's network (src-ts/circuits/brunel.ts) at 5,000 neurons and an in-degree of 700:
// `lapicque simulate benches/support/small-brunel.mjs`. The external input is that of the full one: what keeps v at its
// threshold does not depend on the in-degree.
import { circuit, connect, distribution, poisson, population, rule } from '../../dist/circuit.js';
import { lif } from '../../dist/neurons.js';

const neuron = { like: 'nest', vLeak: 0, tauMem: 20, vThreshold: 20, vReset: 0, tauRef: 2 };

export default function smallBrunel() {
  const cells = (n, name) =>
    population(lif, n, { ...neuron, initial: { v: distribution.uniform(0, 20) }, name });
  const [E, I] = [cells(4000, 'E'), cells(1000, 'I')];
  return circuit(
    E,
    I,
    [E, I].flatMap((target) => [
      connect(E, target, rule.fixedInDegree(560), { weight: 0.1, delay: 1.5 }),
      connect(I, target, rule.fixedInDegree(140), { weight: -0.5, delay: 1.5 }),
      connect(poisson(20_000), target, { weight: 0.1 }),
    ]),
  );
}
