// Compile-only: what connect takes and returns with lists.
import {
  type Connection,
  circuit,
  connect,
  poisson,
  population,
  rule,
  spikeSource,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';

const E = population(iafPscExp, 4);
const I = population(iafPscExp, 4);
const S = spikeSource([[1], [2]]);
const values = { weight: 1, delay: 1 };

const one: Connection = connect(E, I, rule.allToAll(), values);
const several: readonly Connection[] = connect([E, S], [E, I.slice(1)], rule.allToAll(), values);
const fromOne: readonly Connection[] = connect(E, [E, I] as const, rule.allToAll(), values);
const driven: readonly Connection[] = connect(poisson(1), [E, I], { weight: 1 });
circuit(one, several, fromOne, ...driven);

// @ts-expect-error a list is not one connection
const wrong: Connection = connect(E, [E, I], rule.allToAll(), values);
// @ts-expect-error spikes do not lead to a source
connect(E, [I, S], rule.allToAll(), values);
// Inputs may share a name.
connect(poisson(1), [E, I], { weight: 1, name: 'background' });
// @ts-expect-error one device at a time
connect([poisson(1)], [E, I], { weight: 1 });

export { wrong };
