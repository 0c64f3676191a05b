// Parameters of a model may be drawn, other options may not; of what is read back it is known what it is.
import {
  connect,
  currentSource,
  distribution,
  type InputCourse,
  poisson,
  population,
  type Simulation,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp, lif, neuron } from '../../src-ts/doors/neurons.ts';

const sampled = distribution.normal(20, 2);
const E = population(iafPscExp, 10, { tauMem: sampled, initial: { v: sampled } });
const cell = neuron({ state: { v: 0 }, params: { tau: 10 }, update: "v' = -v/tau" });
population(cell, 10, { tau: sampled });
connect(poisson(sampled), E, { weight: 1, name: 'drive' });
connect(currentSource(sampled), E, { name: 'step' });
const values: readonly number[] = currentSource([1, 2]).values;

declare const simulation: Simulation;
const state: Promise<Float64Array> = simulation.get(E, 'v');
const rate: Promise<Float64Array | InputCourse> = simulation.get('drive', 'rate');
const weight: Promise<Float64Array> = simulation.get(connect(poisson(1), E, { weight: 1 }), 'weight');
simulation.set('drive', { rate: { times: [0, 5], values: [1, [2, 3]] }, weight: 2 });

export { rate, state, values, weight };

// @ts-expect-error no parameter
population(lif, 10, { tauMem: 10, reset: sampled });
// @ts-expect-error there is no such parameter
population(iafPscExp, 10, { tauMen: sampled });
// @ts-expect-error drawn when a network is described, not between runs
simulation.set('drive', { rate: sampled });
