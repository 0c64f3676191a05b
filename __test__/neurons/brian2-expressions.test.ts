// Equations with the time, powers and joined conditions, and wiring by displacements and numbers, beside Brian2's:
// fixtures/brian2/expressions.json.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { circuit, connect, layout, population, record, rule, simulate } from '../../src-ts/doors/circuit.ts';
import { neuron } from '../../src-ts/doors/neurons.ts';
import { outcome } from '../support/errors.ts';

interface Timed {
  mu: number[];
  f: number[];
  steps: number[];
  neurons: number[];
  sampled_steps: number[];
  v: number[][];
  u: number[][];
  last: number[][];
}
interface Wired {
  places: number[][];
  period: number[];
  cases: Record<string, { sources: number[]; targets: number[]; weights: number[]; delays: number[] }>;
}
const fixture = JSON.parse(readFileSync('__test__/circuit/fixtures/brian2/expressions.json', 'utf8')) as {
  time: Record<'euler' | 'rk4', Timed>;
  wiring: Wired;
};

for (const method of ['euler', 'rk4'] as const) {
  test(`equations that read the time, as Brian2's by ${method}`, async (t) => {
    const expected = fixture.time[method];
    const cell = neuron({
      state: { v: 0, u: 0, last: 0 },
      params: { mu: 0, f: 0, tau: 10 },
      update: `
        v' = (mu + 0.4*sin(2*pi*f*t) + 0.2*abs(v)^1.5 - v)/tau
        u' = (clip(v, 0, 10)^0.3 - u*(1 + t/200)^-0.5)/(4*tau)
        last' = 0`,
      spike: 'v > 1 or (u > 0.55 and not v < 0.5)',
      reset: 'v = 0; u *= 0.7; last = t',
      method,
    });
    const cells = population(cell, expected.mu.length, { name: 'C', mu: expected.mu, f: expected.f });
    const network = circuit(cells, record.traces(cells, ['v', 'u', 'last'], 0.1));
    const { times, ids, traces } = await simulate(network, { duration: 150, dt: 0.1, precision: 'f64' });
    const steps = Array.from(times, (ms) => Math.round(ms / 0.1));
    t.deepEqual([steps, [...ids]], [expected.steps, expected.neurons]);
    t.true(steps.length > 50);
    const n = expected.mu.length;
    expected.sampled_steps.forEach((step, k) => {
      for (let i = 0; i < n; i++) {
        const of = (name: string) => traces[`C.${name}`]!.values[(step - 1) * n + i]!;
        t.true(Math.abs(of('v') - expected.v[k]![i]!) < 1e-9, `v of ${i} at ${step}`);
        t.true(Math.abs(of('u') - expected.u[k]![i]!) < 1e-9, `u of ${i} at ${step}`);
        // Brian2's time of a spike is the beginning of its step, ours the end.
        const last = expected.last[k]![i]!;
        t.true(Math.abs(of('last') - (last > 0 ? last + 0.1 : 0)) < 1e-9, `last of ${i} at ${step}`);
      }
    });
  });
}

/** Neurons that may send spikes. */
const cell = neuron({ state: { v: 0 }, update: 'v = v + i', spike: 'v > 1', reset: 'v = 0' });
const plane = () => {
  const { places: positions, period } = fixture.wiring;
  return population(cell, positions.length, { name: 'C', layout: layout.positions(positions, { period }) });
};
const conditions: Record<string, string> = {
  ahead: 'not i == j and dx > 0 and abs(dy) < 0.2',
  'upwards or neighbours': '(dy > 0.3) or (abs(i - j) <= 2 and i != j)',
  'not behind': 'not (dx < 0.5) and i < j',
};
for (const [name, p] of Object.entries(conditions)) {
  test(`wiring by displacements and numbers, as Brian2's: ${name}`, async (t) => {
    const expected = fixture.wiring.cases[name]!;
    const cells = plane();
    const connection = connect(cells, cells, rule.pairwiseBernoulli(p), {
      weight: '3*dx - 2*dy + 0.01*i - 0.02*j + (i + 1)^0.5',
      delay: '1 + abs(dx) + 0.05*abs(i - j)',
    });
    using simulation = await circuit(cells, connection).compile({ precision: 'f64' });
    const { sources, targets, weights, delays } = await simulation.connections(cells, cells);
    t.deepEqual([[...sources], [...targets]], [expected.sources, expected.targets]);
    t.true(expected.sources.length > 100);
    for (const [k, w] of weights.entries()) t.true(Math.abs(w - expected.weights[k]!) < 1e-9, `${k}: ${w}`);
    // Rounded to steps.
    for (const [k, ms] of delays.entries())
      t.true(Math.abs(ms - expected.delays[k]!) <= 0.05 + 1e-9, `${k}: ${ms}`);
  });
}

test('numbers count what is connected, and need no layout; three dimensions have three displacements', async (t) => {
  const cells = population(cell, 20, { name: 'C' });
  const [a, b] = [cells.slice(5, 12), cells.slice(10, 20)];
  const banded = connect(a, b, rule.pairwiseBernoulli('where(abs(i - j) <= 1 or j == 9, 1, 0)'), {
    weight: '10*i + j',
    delay: '1 + 0.1*j',
  });
  using simulation = await circuit(cells, banded).compile({ precision: 'f64' });
  const { sources, targets, weights, delays } = await simulation.connections(cells, cells);
  const expected = [];
  for (let j = 0; j < 10; j++)
    for (let i = 0; i < 7; i++)
      if (Math.abs(i - j) <= 1 || j === 9) expected.push([i + 5, j + 10, 10 * i + j, 1 + 0.1 * j]);
  t.deepEqual(
    expected.map(([i, j]) => [i, j]),
    Array.from(sources, (source, k) => [source, targets[k]]),
  );
  expected.forEach(([, , w, ms], k) => {
    t.true(Math.abs(weights[k]! - w!) < 1e-9 && Math.abs(delays[k]! - ms!) < 1e-9);
  });
  // Of a list and one to one, numbers are those of the pairs alone: a value that others would not have is no error.
  const listed = connect(a, b, rule.list([0, 3], [1, 2]), { weight: '1/(i - j)', delay: 1 });
  const single = connect(a, cells.slice(0, 7), rule.oneToOne(), {
    weight: 'exp(-abs(i - j))/(1 - (i - j))',
    delay: 1,
  });
  using two = await circuit(cells, listed, single).compile({ precision: 'f64' });
  const found = await two.connections(cells, cells);
  t.deepEqual(
    [...found.weights].map((w) => Math.round(w * 1e9) / 1e9),
    [-1, 1, 1, 1, 1, 1, 1, 1, 1],
  );

  const points = Array.from({ length: 30 }, (_, k) => [(k * 7) % 10, (k * 3) % 4, (k * 5) % 6]);
  const space = population(cell, 30, { name: 'S', layout: layout.positions(points, { period: [10, 0, 6] }) });
  const all = connect(space, space, rule.allToAll({ autapses: false }), {
    weight: 'dx + 100*dy + 10000*dz',
    delay: 1,
  });
  using cube = await circuit(space, all).compile({ precision: 'f64' });
  const read = await cube.connections(space, space);
  const wrap = (x: number, period: number) => (period === 0 ? x : x - period * Math.round(x / period));
  read.weights.forEach((w, k) => {
    const [from, to] = [points[read.sources[k]!]!, points[read.targets[k]!]!];
    const [dx, dy, dz] = [wrap(to[0]! - from[0]!, 10), to[1]! - from[1]!, wrap(to[2]! - from[2]!, 6)];
    // Exactly half a period lies in both directions.
    const same = (x: number, period: number, y: number) =>
      x === y || (Math.abs(x) === period / 2 && x === -y);
    const z = Math.round(w / 10_000);
    const y = Math.round((w - 10_000 * z) / 100);
    t.true(same(w - 10_000 * z - 100 * y, 10, dx) && y === dy && same(z, 6, dz), `${from} to ${to}: ${w}`);
  });
});

test('expressions that say nothing are refused by their place', async (t) => {
  const bare = population(cell, 5, { name: 'B' });
  const line = population(cell, 5, { name: 'L', layout: layout.grid([5]) });
  const refused = (
    cells: typeof bare,
    p: string | number,
    weight: string | number,
    delay: string | number = 1,
  ) =>
    outcome(async () => {
      const connection = connect(cells, cells, rule.pairwiseBernoulli(p), { weight, delay });
      using _ = await circuit(cells, connection).compile();
    });
  t.regex(await refused(bare, 'dx > 0', 1), /B\.layout: .*an expression has dx in it/);
  t.regex(await refused(line, 'dy > 0', 1), /rule\.p: .*no dy: the layouts have 1 dimensions/);
  t.regex(await refused(line, 0.5, '1/(i - j)'), /weight: .*finite for all pairs, but for i = 0 and j = 0/);
  t.regex(await refused(line, 'd + x > 0', 1), /unknown name "x".*known are d, dx, dy, dz, i, j/s);
  t.regex(await refused(line, 0.5, 1, 'i - 2'), /delay: .*at least/);
  t.is(await refused(line, 'i != j', '1/(i - j + 0.5)', '1 + 0.1*j'), 'succeeded');
});
