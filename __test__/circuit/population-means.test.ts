// Means over neurons and proxies of the local field potential, against those of recordings of every neuron.
import test, { type ExecutionContext } from 'ava';
import {
  type Circuit,
  type CircuitElement,
  circuit,
  connect,
  distribution,
  poisson,
  population,
  record,
  rule,
  type Simulation,
  simulate,
} from '../../src-ts/doors/circuit.ts';
import { aeifCondExp, iafCondExp, iafPscExp, lif } from '../../src-ts/doors/neurons.ts';
import { outcome } from '../support/errors.ts';

const E = population(iafCondExp, 130, {
  name: 'E',
  vE: distribution.uniform(-5, 5),
  initial: { v: distribution.uniform(-70, -60) },
});
const I = population(iafPscExp, 70, { name: 'I' });
const every = 0.5;
const parts = [
  E,
  I,
  connect(poisson(3000), E, { weight: 3 }),
  connect(poisson(9000), I, { weight: 40 }),
  connect(E, I, rule.fixedInDegree(10), { weight: 30, delay: 1 }),
  connect(I, E, rule.fixedInDegree(10), { weight: -4, delay: 1 }),
  connect(I, I, rule.fixedInDegree(10), { weight: -40, delay: 1 }),
];
const network = circuit(
  parts,
  record.traces(E, ['v', 'gE', 'gI'], every),
  record.traces(I, ['iE', 'iI'], every),
  record.mean(E, ['v', 'gE*(v - vE)'], every),
  record.mean(E.slice(64, 100), { some: 'v' }, every),
  record.lfp(E, { every }),
  record.lfp(I, { every: 1, name: 'shifted', alpha: 2, excitatoryDelay: 0, inhibitoryDelay: 2.5 }),
);
const run = { dt: 0.1, seed: 1 };
const at = (values: Float64Array, width: number, step: number) =>
  values.subarray(step * width, (step + 1) * width);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const near = (t: ExecutionContext, got: number, expected: number, what: string) =>
  t.true(Math.abs(got - expected) <= 1e-9 * (1 + Math.abs(expected)), `${what}: ${got}, not ${expected}`);

test('a mean is that of all neurons', async (t) => {
  using simulation = await network.compile(run);
  const vE = await simulation.get(E, 'vE');
  const { traces, means } = await simulation.run(60);
  const [v, gE] = [traces['E.v']!.values, traces['E.gE']!.values];
  t.deepEqual(means['E.v']!.times, traces['E.v']!.times);
  t.is(means['E.v']!.values.length, 120);
  for (let k = 0; k < 120; k++) {
    const [potentials, conductances] = [at(v, 130, k), at(gE, 130, k)];
    near(t, means['E.v']!.values[k]!, mean(potentials), 'v');
    const currents = potentials.map((x, i) => conductances[i]! * (x - vE[i]!));
    near(t, means['E.gE*(v - vE)']!.values[k]!, mean(currents), 'current');
    near(t, means['E.some']!.values[k]!, mean(potentials.subarray(64, 100)), 'a slice');
  }
});

test('the proxy of Mazzoni et al. is the weighted sum of absolute currents, one of them earlier', async (t) => {
  using simulation = await network.compile(run);
  const vE = await simulation.get(E, 'vE');
  const { traces, lfp } = await simulation.run(60);
  const of = (k: number) => {
    const v = at(traces['E.v']!.values, 130, k);
    const [gE, gI] = [at(traces['E.gE']!.values, 130, k), at(traces['E.gI']!.values, 130, k)];
    return [
      mean(v.map((x, i) => Math.abs(gE[i]! * (x - vE[i]!)))),
      mean(v.map((x, i) => Math.abs(gI[i]! * (x + 80)))),
    ];
  };
  t.is(lfp.E!.values.length, 120);
  for (let k = 0; k < 120; k++) {
    // 6 ms are 12 readings; before the start all was as at the start, without conductances.
    const excitatory = k < 12 ? 0 : of(k - 12)[0]!;
    near(t, lfp.E!.values[k]!, excitatory + 1.65 * of(k)[1]!, `reading ${k}`);
  }
  t.true(Math.max(...lfp.E!.values) > 10);
  const [iE, iI] = [traces['I.iE']!.values, traces['I.iI']!.values];
  t.is(lfp.shifted!.values.length, 60);
  for (let k = 0; k < 60; k++) {
    const reading = 2 * k + 1; // at k + 1 ms
    const earlier = reading - 5; // 2.5 ms before
    const inhibitory = earlier < 0 ? 0 : mean(at(iI, 70, earlier).map(Math.abs));
    near(
      t,
      lfp.shifted!.values[k]!,
      mean(at(iE, 70, reading).map(Math.abs)) + 2 * inhibitory,
      `reading ${k}`,
    );
  }
});

/** Spikes, means and proxies of a run in pieces. */
async function pieces(of: Circuit, threads: number, durations: readonly number[], restore: boolean) {
  let simulation: Simulation = await of.compile({ ...run, threads });
  const all: Record<string, number[]> = {};
  for (const duration of durations) {
    const { means, lfp } = await simulation.run(duration);
    for (const [name, { times, values }] of [...Object.entries(means), ...Object.entries(lfp)]) {
      all[name] = [...(all[name] ?? []), ...times, ...values];
    }
    if (!restore) continue;
    const state = await simulation.save();
    simulation.dispose();
    simulation = await of.compile({ ...run, threads: 1 + (threads % 3) });
    await simulation.restore(state);
  }
  simulation.dispose();
  for (const list of Object.values(all)) list.sort((a, b) => a - b);
  return all;
}

test('means do not depend on threads, on pieces, or on a state in between', async (t) => {
  const small = circuit(
    parts,
    record.mean(E, ['v', 'gE*(v - vE)'], every),
    record.lfp(E, { every }),
    record.lfp(I, { every: 0.7, name: 'odd', inhibitoryDelay: 3.1 }),
  );
  const expected = await pieces(small, 1, [60], false);
  for (const threads of [1, 2, 3]) {
    t.deepEqual(await pieces(small, threads, [60], false), expected);
    t.deepEqual(await pieces(small, threads, [3, 0.1, 0, 20, 36.9], false), expected);
    t.deepEqual(await pieces(small, threads, [3.3, 4.4, 52.3], true), expected);
  }
});

test('what is canceled is lost, and what comes after it is right', async (t) => {
  const small = circuit(parts, record.lfp(E, { every: 0.1 }));
  using whole = await small.compile({ seed: 1 });
  using stopped = await small.compile({ seed: 1 });
  const controller = new AbortController();
  const aborted = stopped.run(100_000, { signal: controller.signal, onProgress: () => controller.abort() });
  t.regex(await outcome(() => aborted), /^aborted/);
  const start = stopped.time;
  await whole.run(start);
  const [a, b] = [await stopped.run(20), await whole.run(20)];
  t.deepEqual(a.lfp.E!.values, b.lfp.E!.values);
  t.deepEqual(a.lfp.E!.times, b.lfp.E!.times);
});

test('a large population in one thread or several, in f32 and f64', async (t) => {
  const cells = population(lif, 10_007, {
    name: 'L',
    tauMem: 10,
    initial: { v: distribution.normal(0, 1e-3) },
  });
  const means = circuit(cells, record.mean(cells, { v: 'v', large: '1e12*(v + 1)', small: '1e-9*v' }, 0.1));
  for (const precision of ['f32', 'f64'] as const) {
    const [one, three] = await Promise.all(
      [1, 3].map((threads) => simulate(means, { duration: 1, seed: 2, precision, threads })),
    );
    t.deepEqual(one!.means, three!.means);
    const v = one!.means['L.v']!.values[0]!;
    near(t, one!.means['L.large']!.values[0]! / 1e12 - 1, v, 'large');
    t.true(Math.abs(one!.means['L.small']!.values[0]! / 1e-9 / v - 1) < 1e-9);
  }
});

test('what cannot be read is refused by its place', async (t) => {
  const refused = (...elements: CircuitElement[]) =>
    outcome(async () => {
      using _ = await circuit(...elements).compile();
    });
  const L = population(lif, 3, { name: 'L', tauMem: 10 });
  t.regex(await refused(E, record.mean(E, ['w'])), /equation.*unknown name "w"/s);
  t.regex(await refused(E, record.mean(E, ['v'], 0.15)), /record\.means\[0\]\.every/);
  t.regex(await refused(L, record.lfp(L)), /record\.fields\[0\]\.excitatory.*none that is known/);
  t.regex(await refused(E, record.lfp(E, { excitatoryDelay: 0.15 })), /record\.fields\[0\]\.excitatoryDelay/);
  t.regex(
    await outcome(() => circuit(E, record.mean(E, ['v']), record.mean(E.slice(1), ['v']))),
    /each name once.*E\.v/,
  );
  t.regex(await outcome(() => record.mean(E, [])), /values/);
  t.regex(await outcome(() => record.lfp(E, { alpha: -1 })), /lfp\.alpha/);
  t.is(
    await refused(population(aeifCondExp, 3, { name: 'A' }), record.lfp(population(aeifCondExp, 3))),
    'succeeded',
  );
});
