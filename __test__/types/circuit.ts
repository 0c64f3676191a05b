// Compile-only: the options of neurons in large networks are those of their model.
import { type NeuronModel, population } from '../../src-ts/doors/circuit.ts';
import { iafPscExp, lif, neuron } from '../../src-ts/doors/neurons.ts';

const mine = neuron({
  state: { v: 0 },
  params: { tauMem: 10 },
  input: ['soma', 'dendrite'],
  update: "v' = -v/tauMem",
});
population(lif, 3, { tauMem: 20, reset: 'value', name: 'a', initial: { v: 0 } });
population(iafPscExp, 3, { tauE: 5 });
population(mine, 3, { tauMem: [1, 2, 3] });
const taken: NeuronModel<{ tauMem: number }> = lif;
population(taken, 3, { tauMem: 20 });
population(mine, 3);
population(iafPscExp, 3);

// @ts-expect-error an option that does not exist
population(lif, 3, { tauMen: 20 });
// @ts-expect-error a value that the option does not have
population(lif, 3, { reset: 'soft' });
// @ts-expect-error of another model
population(lif, 3, { tauE: 5 });
// @ts-expect-error how many there are stands before
population(lif, 3, { neurons: 3 });
// @ts-expect-error not a parameter of this neuron
population(mine, 3, { tauE: 5 });
// @ts-expect-error a decay is needed
population(lif, 3);
// @ts-expect-error also among other options
population(lif, 3, { reset: 'value' });
// @ts-expect-error one of two that say the same thing
population(lif, 3, { tauMem: 20, beta: 0.9 });
