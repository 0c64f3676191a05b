// connect with lists of sources and targets: one connection for each pair.
import test from 'ava';
import {
  circuit,
  connect,
  currentSource,
  noise,
  poisson,
  population,
  rule,
  spikeSource,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';

const E = population(iafPscExp, 20, { name: 'E' });
const I = population(iafPscExp, 10, { name: 'I' });
const S = spikeSource([[1], [2]], { name: 'S' });
const values = { weight: 20, delay: 1.5 };

test('lists are the connections of each pair, source by source', (t) => {
  const listed = circuit(E, I, S, connect([E, S], [E, I.slice(2)], rule.fixedInDegree(2), values));
  const each = circuit(
    E,
    I,
    S,
    connect(E, E, rule.fixedInDegree(2), values),
    connect(E, I.slice(2), rule.fixedInDegree(2), values),
    connect(S, E, rule.fixedInDegree(2), values),
    connect(S, I.slice(2), rule.fixedInDegree(2), values),
  );
  t.deepEqual(listed.toJSON(), each.toJSON());
  t.is(connect(E, [I], rule.allToAll(), values).length, 1);
  t.is(connect([E], I, rule.allToAll(), values).length, 1);
});

test('a device drives several targets, each of which can be set', async (t) => {
  const devices = [
    connect(poisson(8000), [E, I], { weight: 20 }),
    connect(noise({ sd: 2 }), [E, I]),
    connect(currentSource(5), [E, I], { port: 'current' }),
  ];
  using simulation = await circuit(E, I, ...devices).compile({ seed: 1 });
  t.deepEqual(
    simulation.inputs.map(({ kind, to }) => [kind, to]),
    ['poisson', 'normal', 'current'].flatMap((kind) => ['E', 'I'].map((to) => [kind, to])),
  );
  await simulation.set(devices[0]![1]!, { rate: 10 });
  t.deepEqual([...((await simulation.get(devices[0]![1]!, 'rate')) as Float64Array)], [10]);
  t.deepEqual([...((await simulation.get(devices[0]![0]!, 'rate')) as Float64Array)], [8000]);
});

test('what lists cannot be is refused', (t) => {
  const refused = (code: () => unknown, message: RegExp) =>
    t.throws(code, { code: 'invalid-parameter', message });
  refused(() => connect(E, [], rule.allToAll(), values), /post: expected at least one/);
  refused(() => connect(E, [I, E, I], rule.allToAll(), values), /post\[2\].*once.*post\[0\]/);
  refused(() => connect([E, E], I, rule.allToAll(), values), /pre\[1\].*once/);
  refused(() => connect(E, [I, S] as never, rule.allToAll(), values), /post.*a population/);
  refused(() => connect([E, poisson(4)] as never, [I], rule.allToAll(), values), /pre/);
});
