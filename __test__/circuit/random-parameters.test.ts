// Parameters, rates and currents that are distributions are drawn by the simulation's seed, one number a neuron.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  circuit,
  circuitOf,
  connect,
  currentSource,
  distribution,
  loadCircuit,
  poisson,
  population,
  rule,
  simulate,
  spikeSource,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp, neuron } from '../../src-ts/doors/neurons.ts';
import { outcome } from '../support/errors.ts';

const n = 4000;
const E = population(iafPscExp, n, {
  name: 'E',
  tauMem: distribution.normal(20, 2, { min: 5 }),
  vThreshold: distribution.uniform(-52, -48),
  iBias: distribution.logNormal(5.5, 0.3),
  initial: { v: distribution.uniform(-70, -60) },
});
const rates = connect(poisson(distribution.uniform(1000, 3000)), E, { weight: 10, name: 'rates' });
const currents = connect(currentSource(distribution.normal(20, 5)), E.slice(0, 1000), { name: 'currents' });
const network = circuit(E, rates, currents);
const names = ['tauMem', 'vThreshold', 'iBias', 'v'] as const;

function moments(values: Float64Array): [mean: number, variance: number] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return [mean, values.reduce((a, x) => a + (x - mean) ** 2, 0) / values.length];
}

test('values have their distributions, and are those of the seed on any number of threads', async (t) => {
  using simulation = await network.compile({ seed: 7, precision: 'f64' });
  const read = async (of: typeof simulation) => [
    ...(await Promise.all(names.map((name) => of.get(E, name)))),
    (await of.get('rates', 'rate')) as Float64Array,
    (await of.get('currents', 'current')) as Float64Array,
  ];
  const values = await read(simulation);
  const logMean = Math.exp(5.5 + 0.045);
  const expected = [
    [20, 4],
    [-50, 16 / 12],
    [logMean, logMean ** 2 * (Math.exp(0.09) - 1)],
    [-65, 100 / 12],
    [2000, 4e6 / 12],
    [20, 25],
  ];
  values.forEach((found, i) => {
    const [mean, variance] = moments(found);
    const count = i === 5 ? 1000 : n;
    t.is(found.length, count);
    t.true(Math.abs(mean - expected[i]![0]!) < 5 * Math.sqrt(expected[i]![1]! / count), `${i}: mean ${mean}`);
    t.true(Math.abs(variance / expected[i]![1]! - 1) < 0.15, `${i}: variance ${variance}`);
  });
  // Independent of one another.
  const pairs = [
    [0, 1],
    [0, 2],
    [1, 4],
    [3, 4],
  ] as const;
  for (const [a, b] of pairs) {
    const [[meanA, varA], [meanB, varB]] = [moments(values[a]!), moments(values[b]!)];
    const products = values[a]!.map((x, i) => (x - meanA) * (values[b]![i]! - meanB));
    const correlation = moments(products)[0] / Math.sqrt(varA * varB);
    t.true(Math.abs(correlation) < 5 / Math.sqrt(n), `${a} and ${b}: ${correlation}`);
  }
  const want50 = await simulation.run(20);
  t.true(want50.times.length > 100);
  for (const threads of [1, 3]) {
    using other = await network.compile({ seed: 7, precision: 'f64', threads });
    t.deepEqual(await read(other), [...values.slice(0, 3), (await read(other))[3]!, ...values.slice(4)]);
    t.deepEqual((await other.run(20)).ids, want50.ids);
  }
  using elsewhere = await network.compile({ seed: 8, precision: 'f64' });
  const others = await read(elsewhere);
  t.true(others.every((list, i) => list.every((x, k) => x !== values[i]![k] || i === 3)));
  // What else is drawn makes no difference.
  const alone = population(iafPscExp, n, { name: 'E', vThreshold: distribution.uniform(-52, -48) });
  using single = await circuit(alone).compile({ seed: 7 });
  t.deepEqual(await single.get('E', 'vThreshold'), values[1]);
});

test('drawn parameters are those of a network with these numbers', async (t) => {
  using simulation = await network.compile({ seed: 3 });
  const [tauMem, vThreshold, iBias] = await Promise.all(
    (['tauMem', 'vThreshold', 'iBias'] as const).map((name) => simulation.get(E, name)),
  );
  const v = await simulation.get(E, 'v');
  const listed = population(iafPscExp, n, {
    name: 'E',
    tauMem: tauMem!,
    vThreshold: vThreshold!,
    iBias: iBias!,
    initial: { v },
  });
  const rate = (await simulation.get('rates', 'rate')) as Float64Array;
  const current = (await simulation.get('currents', 'current')) as Float64Array;
  const same = circuit(
    listed,
    connect(poisson(rate), listed, { weight: 10 }),
    connect(currentSource(current), listed.slice(0, 1000)),
  );
  const options = { duration: 20, seed: 3 };
  const [a, b] = [await simulate(network, options), await simulate(same, options)];
  t.deepEqual([a.times, a.ids], [b.times, b.ids]);
});

test('a description keeps the distribution, in JSON and in files', async (t) => {
  const text = JSON.stringify(network);
  t.true(text.includes('"tauMem":{"kind":"normal","mean":20,"sd":2,"min":5}'));
  const path = join(await mkdtemp(join(tmpdir(), 'lapicque-')), 'network.safetensors');
  await network.save(path);
  const options = { duration: 10, seed: 3 };
  const expected = await simulate(network, options);
  for (const other of [circuitOf(JSON.parse(text)), await loadCircuit(path)]) {
    const { times, ids } = await simulate(other, options);
    t.deepEqual([times, ids], [expected.times, expected.ids]);
  }
});

test('parameters that are set, restored and those of own neurons are drawn, too', async (t) => {
  const cell = neuron({
    state: { v: 0 },
    params: { tau: 10, gain: 1 },
    update: "v' = (gain*i - v)/tau",
    spike: 'v > 1',
    reset: 'v = 0',
  });
  const cells = population(cell, 50, { name: 'C', tau: distribution.uniform(5, 15) });
  using simulation = await circuit(cells, connect(currentSource(2), cells)).compile({ seed: 2 });
  const before = await simulation.get(cells, 'tau');
  t.true(before.every((x) => x >= 5 && x <= 15) && new Set(before).size === 50);
  await simulation.run(3);
  const state = await simulation.save();
  await simulation.set(cells.slice(0, 5), { tau: 20 });
  const after = await simulation.get(cells, 'tau');
  t.deepEqual([...after.slice(0, 5)], [20, 20, 20, 20, 20]);
  t.deepEqual(after.slice(5), before.slice(5));
  await simulation.restore(state);
  t.deepEqual(await simulation.get(cells, 'tau'), before);
  using other = await circuit(cells, connect(currentSource(2), cells)).compile({ seed: 3 });
  t.regex(await outcome(() => other.restore(state)), /^invalid-parameter: state\.seed.*C\.tau is drawn/);
});

test('a model to train has the numbers that the seed draws', async (t) => {
  const cell = neuron({
    state: { v: 0 },
    params: { beta: 0.9 },
    update: 'v = beta*v + i',
    spike: 'v > 1',
    reset: 'v = 0',
  });
  const cells = population(cell, 6, { name: 'C', beta: distribution.uniform(0.5, 0.99) });
  const source = spikeSource([[1], [2]], { name: 'S' });
  const trained = circuit(cells, source, connect(source, cells, rule.allToAll(), { weight: 0.3, delay: 1 }));
  using simulation = await trained.compile({ seed: 5, dt: 1, precision: 'f64' });
  const expected = await simulation.get(cells, 'beta');
  const model = await trained.toModel({ dt: 1, seed: 5, precision: 'f64' });
  const nodes = model.description.nodes as unknown as readonly {
    name: string;
    dynamics?: { params: { beta: number[] } };
  }[];
  const node = nodes.find(({ name }) => name === 'C');
  t.deepEqual(node?.dynamics?.params.beta, [...expected]);
});

test('what is no distribution, or out of range, is refused by its place', async (t) => {
  const refused = async (make: () => ReturnType<typeof circuit>) =>
    outcome(async () => {
      using _ = await make().compile();
    });
  const of = (params: object) => refused(() => circuit(population(iafPscExp, 10, { name: 'P', ...params })));
  t.regex(await of({ tauMem: { kind: 'normal', mean: 1 } }), /^invalid-parameter: population\.tauMem\.sd/);
  t.regex(await of({ tauMem: { kind: 'gamma', mean: 1 } }), /population\.tauMem\.kind/);
  t.regex(await of({ tauMem: distribution.uniform(-2, -1) }), /^invalid-parameter: P\.tauMem/);
  t.regex(await of({ tauMen: distribution.uniform(1, 2) }), /unknown-name.*did you mean "tauMem"/);
  const E = population(iafPscExp, 10, { name: 'E' });
  t.regex(
    await refused(() => circuit(E, connect(poisson(distribution.uniform(-5, 5)), E, { weight: 1 }))),
    /^invalid-parameter: .*inputs\[0\]\.rate\[\d+\]/,
  );
  t.regex(
    await refused(() =>
      circuitOf({
        version: 1,
        populations: [{ name: 'E', size: 3, neuron: { model: 'lif', params: { tauMem: { kind: 'odd' } } } }],
      }),
    ),
    /E\.tauMem.*distribution/,
  );
  t.regex(
    await refused(() => circuit(E, connect(poisson([1, 2, 3]), E, { weight: 1 }))),
    /^shape-mismatch: .*inputs\[0\]\.rate/,
  );
});
