// Variables that change by less than their own rounding in single precision, through the public API.
import test from 'ava';
import {
  circuit,
  connect,
  population,
  rule,
  simulate,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { aeifCondExp, iafPscExp, lif, neuron } from '../../src-ts/doors/neurons.ts';

const near = (got: number, expected: number) => Math.abs(got - expected) <= 1e-3 * Math.abs(expected);

for (const tauScaling of [1e4, 3.6e7, 1e8, 1e9])
  test(`synaptic scaling over ${tauScaling} ms grows as its closed form`, async (t) => {
    const cells = population(lif, 1, { name: 'n', beta: 0.9, vThreshold: 1e9 });
    const source = spikeSource([Array.from({ length: 599 }, (_, k) => 100 * (k + 1))], { name: 's' });
    const model = synapse.synapticScaling({ tauScaling, rateInit: 0, wMax: 1e4 });
    const wire = connect(source, cells, rule.oneToOne(), { weight: 1.7, delay: 1, model });
    using simulation = await circuit(cells, wire).compile({ dt: 1 });
    await simulation.run(60_000);
    const { weights } = await simulation.plasticSynapses('s', 'n');
    t.true(near(weights[0]! / 1.7 - 1, Math.expm1(60_000 / tauScaling)), `${weights[0]! / 1.7 - 1}`);
    // Over 10 s single precision keeps a change within a thousandth of it.
    t.deepEqual(simulation.inDoublePrecision, tauScaling > 1e4 ? ['connections[0] (s to n)'] : []);
  });

test('a neuron adapts over any time, also one of equations', async (t) => {
  const own = neuron({
    state: { v: 0, w: 100 },
    params: { tauW: 1e8 },
    update: "v' = -v/10 + i; w' = -w/tauW",
    spike: 'v > 1',
    reset: 'v = 0',
    method: 'euler',
  });
  for (const tauW of [1e6, 1e9]) {
    const cells = circuit(
      population(aeifCondExp, 70, { name: 'A', tauW, a: 0, initial: { w: 100 } }),
      population(own, 70, { name: 'B', tauW }),
      population(iafPscExp, 70, { name: 'C' }),
    );
    using simulation = await cells.compile({ dt: 0.1 });
    t.deepEqual(simulation.inDoublePrecision, ['A', 'B']);
    await simulation.run(1000);
    for (const name of ['A', 'B']) {
      const [w] = await simulation.get(name, 'w');
      t.true(near(w! - 100, 100 * Math.expm1(-1000 / tauW)), `${name} ${tauW}: ${w! - 100}`);
    }
  }
});

test('the spikes of a slow population are those of double precision', async (t) => {
  const of = (precision: 'f32' | 'f64') =>
    simulate(
      circuit(population(aeifCondExp, 5, { name: 'A', tauW: 1e7, b: 5, iBias: [600, 700, 800, 900, 1000] })),
      {
        duration: 500,
        dt: 0.1,
        precision,
      },
    );
  const [single, double] = [await of('f32'), await of('f64')];
  t.true(double.times.length > 50);
  t.deepEqual([single.times, single.ids], [double.times, double.ids]);
});
