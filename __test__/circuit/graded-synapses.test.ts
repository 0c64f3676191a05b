// Synapses that carry a state in every step, against the sums that they stand for.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  type Circuit,
  circuit,
  connect,
  currentSource,
  distribution,
  gapJunctions,
  gradedSynapses,
  layout,
  population,
  record,
  rule,
  simulate,
} from '../../src-ts/doors/circuit.ts';
import { neuron } from '../../src-ts/doors/neurons.ts';

const dt = 0.1;
const size = 150;
/** A rate unit: no spikes. */
const unit = neuron({ state: { v: 0, r: 0 }, update: 'v = v + dt*(i - v)/10; r = tanh(v)' });
const start = distribution.draw(distribution.normal(0, 1), size, 1);
const weights = distribution.draw(distribution.normal(0, 1.5 / Math.sqrt(size)), size * size, 2);
const pairs = Array.from({ length: size * size }, (_, k) => [Math.floor(k / size), k % size] as const);
const list = rule.list(
  pairs.map(([from]) => from),
  pairs.map(([, to]) => to),
);

/** H. Sompolinsky, A. Crisanti, H. J. Sommers, Phys. Rev. Lett. 61, 1988. */
function rates(): Circuit {
  const P = population(unit, size, {
    name: 'P',
    initial: { v: start, r: Float64Array.from(start, Math.tanh) },
  });
  const cue = currentSource({ times: [0, 3], values: [0.2, 0] });
  const chaos = gradedSynapses(P, P, list, { state: 'r', weight: weights });
  return circuit(P, chaos, connect(cue, P), record.traces(P, ['v'], dt));
}

test('a network of rates is what its equations say', async (t) => {
  const { traces } = await simulate(rates(), { duration: 20, dt, precision: 'f64' });
  let v = Float64Array.from(start);
  for (let step = 0; step < 200; step++) {
    const r = v.map(Math.tanh);
    const next = v.map((own, to) => {
      let input = step < 30 ? 0.2 : 0;
      for (let from = 0; from < size; from++) input += weights[from * size + to]! * r[from]!;
      return own + (dt * (input - own)) / 10;
    });
    v = next;
    const row = traces['P.v']!.values.subarray(step * size, (step + 1) * size);
    t.true(row.every((x, n) => Math.abs(x - v[n]!) < 1e-9));
  }
});

test('it is the same bits on any number of threads, in pieces and from a saved state', async (t) => {
  const whole = await simulate(rates(), { duration: 50, dt, threads: 1 });
  using half = await rates().compile({ dt, threads: 2 });
  using rest = await rates().compile({ dt, threads: 3 });
  const first = await half.run(17.3);
  await rest.restore(await half.save());
  const last = await rest.run(32.7);
  t.deepEqual(
    whole.traces['P.v']!.values,
    Float64Array.of(...first.traces['P.v']!.values, ...last.traces['P.v']!.values),
  );
});

test('autapses are left out where the rule says so, and gates lead from population to population', async (t) => {
  // Each sums the gates of all others; those of a source that fades are a geometric series.
  const fading = neuron({ state: { v: 0, s: 1 }, update: 'v = v; s = 0.9*s' });
  const summing = neuron({ input: ['drive', 'gates'], state: { v: 0 }, update: 'v = v + gates + 0*drive' });
  const A = population(fading, 5, { name: 'A', initial: { s: [1, 2, 3, 4, 5] } });
  const B = population(summing, 3, { name: 'B' });
  const made = circuit(
    gradedSynapses(A.slice(1), B, rule.allToAll(), { state: 's', weight: 2, port: 'gates' }),
    record.traces(B, ['v'], 1),
  );
  const { traces } = await simulate(made, { duration: 2, dt: 1, precision: 'f64' });
  const [once, twice] = [28, 53.2]; // 2 * 14, and 1.9 times that
  t.deepEqual(
    [...traces['B.v']!.values].map((x) => Math.round(x * 1e9) / 1e9),
    [once, once, once, twice, twice, twice],
  );

  const adding = neuron({ state: { v: 0, s: 1 }, update: 'v = i; s = s' });
  for (const [autapses, sum] of [
    [true, 4],
    [false, 3],
  ] as const) {
    const C = population(adding, 4, { name: 'C' });
    const own = gradedSynapses(C, C, rule.allToAll({ autapses }), { state: 's', weight: -1 });
    const got = await simulate(circuit(own, record.traces(C, ['v'])), { duration: dt, dt });
    t.deepEqual([...got.traces['C.v']!.values], [-sum, -sum, -sum, -sum]);
  }
});

test('they stand beside gap junctions at another port', async (t) => {
  const cell = neuron({
    input: ['gap', 'gates'],
    state: { v: 0, s: 0.5 },
    update: 'v = v + 0.1*gap + gates; s = s',
  });
  const C = population(cell, 2, { name: 'C', initial: { v: [0, 1] } });
  const joined = gapJunctions(C, C, rule.list([0], [1]), { conductance: 1, port: 'gap' });
  const graded = (port: string) => gradedSynapses(C, C, rule.list([0], [1]), { state: 's', weight: 2, port });
  const { traces } = await simulate(circuit(joined, graded('gates'), record.traces(C, ['v'])), {
    duration: dt,
    dt,
    precision: 'f64',
  });
  t.deepEqual([...traces['C.v']!.values], [0.1, 0.9 + 1]);
  // Symmetric ones lead into both.
  const D = population(cell, 2, { name: 'D' });
  const back = gradedSynapses(D, C, rule.oneToOne(), { state: 's', weight: 2, port: 'gap' });
  const both = gapJunctions(C, D, rule.oneToOne(), { conductance: 1, port: 'gap' });
  await t.throwsAsync(circuit(back, both).compile(), { message: /port: .*either gap junctions or graded/ });
  await t.throwsAsync(circuit(joined, graded('gap')).compile(), {
    message: /port: .*either gap junctions or graded/,
  });
});

test('what there is not is told', async (t) => {
  const C = population(unit, 2, { name: 'C' });
  const made = (options: object) => gradedSynapses(C, C, rule.allToAll(), options as never);
  await t.throwsAsync(circuit(made({ state: 'q', weight: 1 })).compile(), {
    message: /unknown state of C "q"/,
  });
  t.throws(() => made({ state: 'r' }), { message: /gradedSynapses.weight/ });
  t.throws(() => made({ weight: 1 }), { message: /gradedSynapses.state/ });
  t.throws(() => made({ state: 'r', weight: 1, delay: 1 }), {
    message: /unknown option of gradedSynapses "delay"/,
  });
});

test('the interneurons of Wang and Buzsáki fire together, 39 times a second', async (t) => {
  const fixture = JSON.parse(
    await readFile('__test__/circuit/fixtures/networks/wang_buzsaki.json', 'utf8'),
  ) as {
    v: number[];
    means: number[];
  };
  const interneuron = neuron({
    input: 'gates',
    state: { v: 0, h: 0.78, n: 0.09, s: 0 },
    params: { current: 1 },
    update: `
      m = 1/exprel(-(v + 35)/10)/(1/exprel(-(v + 35)/10) + 4*exp(-(v + 60)/18))
      v' = current - 35*m^3*h*(v - 55) - 9*n^4*(v + 90) - 0.1*(v + 65) - 0.1*gates*(v + 75)
      h' = 5*(0.07*exp(-(v + 58)/20)*(1 - h) - h/(exp(-0.1*(v + 28)) + 1))
      n' = 5*(0.1/exprel(-(v + 34)/10)*(1 - n) - 0.125*exp(-(v + 44)/80)*n)
      s' = 12/(1 + exp(-v/2))*(1 - s) - 0.1*s`,
    method: 'rk4',
  });
  const count = 100;
  const each = (of: (k: number) => number) => Array.from({ length: count }, (_, k) => of(k));
  const I = population(interneuron, count, {
    current: each((k) => 1 + 0.01 * Math.sin(k)),
    initial: { v: each((k) => -70 + 0.2 * k) },
  });
  const inhibition = gradedSynapses(I, I, rule.allToAll({ autapses: false }), {
    state: 's',
    weight: 1 / count,
  });
  const made = circuit(inhibition, record.traces(I, ['v'], 1));
  const { traces } = await simulate(made, { duration: 300, dt: 0.02, precision: 'f64' });
  const { values } = Object.values(traces)[0]!;
  const means = fixture.means.map(
    (_, row) => values.subarray(row * count, (row + 1) * count).reduce((a, b) => a + b) / count,
  );
  t.true(means.every((v, row) => Math.abs(v - fixture.means[row]!) < 1e-6));
  t.true(fixture.v.every((v, k) => Math.abs(v - values[299 * count + k]!) < 1e-6));
  const volleys = means.flatMap((v, row) => (row > 0 && v > -30 && means[row - 1]! <= -30 ? [row + 1] : []));
  const rate = 3000 / (volleys.at(-1)! - volleys.at(-4)!);
  t.true(rate > 37 && rate < 41, `${rate}`);
});

test('gap junctions and graded synapses by distance', async (t) => {
  const cell = neuron({ state: { v: 0 }, update: 'v = v + i' });
  const count = 12;
  const grid = layout.grid([count], { extent: [count], periodic: true });
  const initial = Array.from({ length: count }, (_, k) => (k * k) % 7);
  const P = population(cell, count, { name: 'P', initial: { v: initial }, layout: grid });
  const apart = (a: number, b: number) => Math.min(Math.abs(a - b), count - Math.abs(a - b));
  const near = rule.pairwiseBernoulli('where(d < 2.5, 1, 0)', { autapses: false });
  const made = {
    gaps: gapJunctions(P.slice(3), P, near, { conductance: '0.1 / (1 + d)', symmetric: false }),
    graded: gradedSynapses(P.slice(3), P, near, { state: 'v', weight: '-0.1 / (1 + d)' }),
  };
  for (const [kind, element] of Object.entries(made)) {
    const run = { duration: dt, dt, precision: 'f64' } as const;
    const { traces } = await simulate(circuit(element, record.traces(P, ['v'])), run);
    for (let to = 0; to < count; to++) {
      let expected = initial[to]!;
      for (let from = 3; from < count; from++) {
        const d = apart(from, to);
        if (from === to || d > 2.5) continue;
        expected +=
          kind === 'gaps'
            ? (0.1 / (1 + d)) * (initial[from]! - initial[to]!)
            : (-0.1 / (1 + d)) * initial[from]!;
      }
      t.true(Math.abs(traces['P.v']!.values[to]! - expected) < 1e-12, `${kind} into ${to}`);
    }
  }
  const bare = population(cell, 2, { name: 'bare' });
  const without = circuit(gapJunctions(bare, bare, near, { conductance: 1 }));
  await t.throwsAsync(without.compile(), { message: /bare.layout: expected a layout/ });
});
