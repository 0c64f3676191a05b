// What arrives at a neuron is the weight of the synapse, whatever other weights lead to the same port, and how that is stored
// is told.
import test from 'ava';
import {
  circuit,
  circuits,
  connect,
  distribution,
  population,
  record,
  rule,
  simulate,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp, integrateAndFire } from '../../src-ts/doors/neurons.ts';
import { environment, setSimd } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';

type Weight = number | readonly number[] | Float64Array | ReturnType<typeof distribution.normal>;

/** What arrives may differ from a weight by this share of it. */
const tolerance = 1e-3;
const simd = environment().simd as 'avx2';
test.afterEach.always(() => setSimd(simd));

const count = 3000;
/** Neurons that neither leak nor fire: what has arrived is their potential. */
const N = population(integrateAndFire, count, { name: 'N', vThreshold: 1e30 });

/** Potentials of all neurons after one spike of one source has arrived at each, and the weights that are read back. */
async function arrived(weight: Weight, precision: 'f32' | 'f64' = 'f32', threads = 1, listed = true) {
  const S = spikeSource([[0.1]], { name: 'S' });
  const each = Array.from({ length: count }, (_, i) => i);
  const wiring = listed ? rule.list(new Array(count).fill(0), each) : rule.allToAll();
  const made = circuit(connect(S, N, wiring, { weight, delay: 0.1 }), record.traces(N, ['v']));
  using simulation = await made.compile({ precision, threads, seed: 4 });
  const { values } = (await simulation.run(0.3)).traces['N.v']!;
  const { weights } = await simulation.connections(S, N);
  return { values: values.slice(-count), weights, simulation };
}

const random = (i: number) => {
  const x = Math.sin(i * 12.9898 + 1) * 43758.5453;
  return x - Math.floor(x);
};
const spread = Float64Array.from({ length: count }, (_, i) => 10 ** (-4 + 8 * random(i)));
const explicit = {
  'from 1e-4 to 1e4': spread,
  'from 1e-4 to 1e4, of both signs': spread.map((w, i) => (i % 3 === 0 ? -w : w)),
  '0.047 beside 1000': spread.map((_, i) => (i % 2 === 0 ? 0.047 : 1000)),
  'many of 0.1 and one of 1e5': spread.map((_, i) => (i === 7 ? 1e5 : 0.1)),
};
const sampled = {
  normal: distribution.normal(0, 1),
  'normal above 0': distribution.normal(1, 0.5, { min: 0 }),
  uniform: distribution.uniform(0, 2),
  'uniform of both signs': distribution.uniform(-1, 3),
  'log-normal of 0.5': distribution.logNormal(0, 0.5),
  'log-normal of 1': distribution.logNormal(0, 1),
  'log-normal of 2': distribution.logNormal(0, 2),
};
const levels = ['portable', 'avx2', 'avx512'] as const;

/** The largest relative difference. */
const off = (got: ArrayLike<number>, expected: ArrayLike<number>) => {
  let most = 0;
  for (let i = 0; i < expected.length; i++)
    most = Math.max(most, Math.abs(got[i]! - expected[i]!) / Math.abs(expected[i]!));
  return most;
};

for (const [name, weights] of Object.entries(explicit)) {
  test.serial(`weights arrive as they are given: ${name}`, async (t) => {
    const { values, weights: read } = await arrived(weights);
    t.true(off(values, weights) <= tolerance, String(off(values, weights)));
    t.true(off(read, values) <= 1e-6);
  });
}

for (const [name, weights] of Object.entries(sampled)) {
  test.serial(`weights arrive as they are drawn: ${name}`, async (t) => {
    for (const listed of [true, false]) {
      const { weights: ideal } = await arrived(weights, 'f64', 1, listed);
      t.true(ideal.every((w) => w !== 0));
      const { values, weights: read } = await arrived(weights, 'f32', 1, listed);
      t.true(off(values, ideal) <= tolerance, String(off(values, ideal)));
      t.true(off(read, values) <= 1e-6);
      for (const threads of [1, 2]) {
        for (const level of levels) {
          try {
            setSimd(level);
          } catch {
            continue; // not of this CPU
          }
          const other = await arrived(weights, 'f32', threads, listed);
          t.deepEqual(other.values, values, `${threads} threads at ${level}`);
        }
      }
      setSimd(simd);
    }
  });
}

test.serial('a log-normal distribution has the mean that theory gives', async (t) => {
  for (const sigma of [0.5, 1, 2]) {
    const S = spikeSource(new Array(100).fill([0.1]), { name: 'S' });
    const made = circuit(
      connect(S, N, rule.allToAll(), { weight: distribution.logNormal(0, sigma), delay: 0.1 }),
    );
    using simulation = await made.compile({ seed: 2 });
    const { weights } = await simulation.connections(S, N);
    const mean = weights.reduce((sum, w) => sum + w, 0) / weights.length;
    const expected = Math.exp(sigma ** 2 / 2);
    const error = Math.sqrt(((Math.exp(sigma ** 2) - 1) * Math.exp(sigma ** 2)) / weights.length);
    t.true(Math.abs(mean - expected) < 5 * error, `${sigma}: ${mean} for ${expected}`);
    t.is(weights.filter((w) => w === 0).length, 0);
  }
});

test.serial('what is small is not lost in a sum with what is large', async (t) => {
  for (const [large, small] of [
    [1e4, 1e-4],
    [1000, 0.047],
    [1e6, -3],
  ] as const) {
    const S = spikeSource([[0.1], [0.1], [0.1]], { name: 'S' });
    const one = population(integrateAndFire, 1, { name: 'one', vThreshold: 1e30 });
    const made = circuit(
      connect(S, one, rule.list([0, 1, 2], [0, 0, 0]), { weight: [large, -large, small], delay: 0.1 }),
      record.traces(one, ['v']),
    );
    const { values } = (await simulate(made, { duration: 0.3 })).traces['one.v']!;
    t.true(Math.abs(values.at(-1)! - small) <= tolerance * Math.abs(small), `${values.at(-1)}`);
  }
});

test.serial('weights that learn arrive, also small ones that are set', async (t) => {
  const S = spikeSource([[0.1]], { name: 'S' });
  const model = synapse.rule({ params: { wMin: 0, wMax: 1e4 }, pre: 'w += 0' });
  const weight = spread.map((w) => w / 100);
  const each = Array.from({ length: count }, (_, i) => i);
  const made = circuit(
    connect(S, N, rule.list(new Array(count).fill(0), each), { weight, delay: 0.1, model }),
    record.traces(N, ['v']),
  );
  using simulation = await made.compile();
  await simulation.setWeights(S, N, spread);
  const { values } = (await simulation.run(0.3)).traces['N.v']!;
  t.true(off(values.slice(-count), spread) <= tolerance, String(off(values.slice(-count), spread)));
  const refused = await failure(() => simulation.setWeights(S, N, 1e-12));
  t.regex(refused!.message, /^weights\[0\]: expected 0, or a magnitude of at least/);
});

test.serial('a weight that no form can store is refused by name', async (t) => {
  const S = spikeSource([[1]], { name: 'S' });
  const E = population(iafPscExp, 4, { name: 'E' });
  const pairs = Array.from({ length: 16 }, (_, i) => i % 4);
  const beside = (weight: Weight) =>
    circuit(
      connect(S, E, rule.allToAll(), { weight: 1e9, delay: 1 }),
      connect(E, E, rule.list(pairs, pairs), { weight, delay: 1 }),
    );
  for (const weight of [pairs.map((_, i) => (i === 5 ? 1e-9 : 1)), distribution.logNormal(0, 6)]) {
    const refused = await failure(() => beside(weight).compile());
    t.is(refused!.code, 'invalid-parameter');
    t.regex(refused!.message, /connections\[1\] \(E to E\)\.weight: expected 0, or a magnitude of at least/);
  }
  (await beside(0.1).compile()).dispose();
  // Alone in the compact form, beside a large one in the wide form.
  (await beside(1e-9).compile()).dispose();
});

test.serial('how synapses are stored is told before and after a network is built', async (t) => {
  const E = population(iafPscExp, 1000, { name: 'E' });
  const S = spikeSource([[1]], { name: 'S' });
  const inDegree = rule.fixedInDegree(20);
  const made = circuit(
    connect(E, E, inDegree, { weight: distribution.normal(50, 5, { min: 0 }), delay: 1 }),
    connect(E, E, inDegree, { weight: distribution.logNormal(0, 2), delay: 1, port: 'inhibitory' }),
    connect(S, E, rule.allToAll(), { weight: 10, delay: 1 }),
    connect(E, E, inDegree, { weight: 1, delay: 1, model: synapse.stdp({ wMax: 2 }) }),
  );
  const estimate = await made.estimate();
  using simulation = await made.compile();
  t.deepEqual(estimate.storage, simulation.storage);
  t.is(estimate.neurons, simulation.neurons);
  const [normal, logNormal, constant, plastic] = simulation.storage;
  t.deepEqual([normal!.from, normal!.to, normal!.form, normal!.wide], ['E', 'E', 'compact', 0]);
  t.is(normal!.bytes, 4 * 20_000);
  t.true(logNormal!.wide > 1000 && logNormal!.bytes === 4 * (logNormal!.synapses + logNormal!.wide));
  t.deepEqual([constant!.from, constant!.form, plastic!.form], ['S', 'bits', 'plastic']);
  t.regex(simulation.summary(), /E to E +compact +20,000 +0 +78\.1 KiB/);
  const double = await made.estimate({ precision: 'f64' });
  t.true(double.bytes > estimate.bytes && double.storage.every(({ wide }) => wide === 0));
});

test.serial('the networks of the benchmarks are stored compactly', async (t) => {
  for (const make of [circuits.coba, circuits.cuba, circuits.cobahh, circuits.brunel, circuits.brunelStdp]) {
    const { storage } = await make({ scale: 0.05 }).circuit.estimate();
    t.true(storage.every(({ wide, form }) => wide === 0 && form !== 'wide'));
  }
  const { storage } = await circuits.microcircuit({ scale: 0.05 }).circuit.estimate();
  t.true(storage.every(({ wide, form }) => wide === 0 && form === 'compact'));
});
