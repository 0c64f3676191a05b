// Symmetric gap junctions within one population: each pair of neurons has one, whichever rule meets it in both directions.
import test from 'ava';
import { circuit, distribution, gapJunctions, population, rule } from '../../src-ts/doors/circuit.ts';
import { neuron } from '../../src-ts/doors/neurons.ts';

/** A passive cell: a potential that decays with 10 ms. */
const passive = neuron({ state: { v: 0 }, input: 'i', update: "v' = (i - v)/10", method: 'exact' });
/** Cells that keep their potential and show what enters. */
const still = neuron({ state: { v: 0, s: 0 }, input: 'i', update: 'v = v; s = i' });

type Rule = ReturnType<typeof rule.allToAll>;
const rules: Record<string, Rule> = {
  'all-to-all': rule.allToAll(),
  'all-to-all without autapses': rule.allToAll({ autapses: false }),
  'probability 1': rule.pairwiseBernoulli(1),
  'an expression': rule.pairwiseBernoulli('i != j'),
  'a list': rule.list([0], [1]),
  'a list the other way round': rule.list([1], [0]),
};
for (const [name, of] of Object.entries(rules))
  test(`two passive cells, ${name}: their difference decays as the closed form says`, async (t) => {
    const [g, dt, time] = [0.5, 0.001, 5];
    const P = population(passive, 2, { name: 'P', initial: { v: [1, 0] } });
    using simulation = await circuit(P, gapJunctions(P, P, of, { conductance: g })).compile({
      dt,
      precision: 'f64',
    });
    await simulation.run(time);
    const [a, b] = await simulation.get(P, 'v');
    // tau (a - b)' = -(1 + 2 g) (a - b), tau (a + b)' = -(a + b)
    t.true(Math.abs(a! - b! - Math.exp((-(1 + 2 * g) * time) / 10)) < 1e-3, `${a! - b!}`);
    t.true(Math.abs(a! + b! - Math.exp(-time / 10)) < 1e-3, `${a! + b!}`);
  });

/** The conductance from each neuron to each, by a step with a potential of 1 in one of them. */
async function conductances(n: number, junctions: (of: ReturnType<typeof population>) => object) {
  const rows = [];
  for (let k = 0; k < n; k += 1) {
    const v = Array.from({ length: n }, (_, i) => Number(i === k));
    const P = population(still, n, { name: 'P', initial: { v } });
    using simulation = await circuit(P, junctions(P) as never).compile({ dt: 1, seed: 3, precision: 'f64' });
    await simulation.run(1);
    rows.push([...(await simulation.get(P, 's'))]);
  }
  return rows;
}

test('each pair of a drawn rule has one junction, which is symmetric', async (t) => {
  const n = 40;
  const drawn = await conductances(n, (P) =>
    gapJunctions(P, P, rule.pairwiseBernoulli(0.3), { conductance: 2 }),
  );
  let pairs = 0;
  for (let a = 0; a < n; a += 1)
    for (let b = 0; b < a; b += 1) {
      t.is(drawn[a]![b], drawn[b]![a]);
      t.true([0, 2].includes(drawn[a]![b]!));
      pairs += drawn[a]![b]! / 2;
    }
  const mean = (0.3 * n * (n - 1)) / 2;
  t.true(Math.abs(pairs - mean) < 5 * Math.sqrt(0.7 * mean), `${pairs} of ${mean}`);
});

test('conductances that are drawn are those of the pair', async (t) => {
  const conductance = distribution.uniform(1, 2);
  const all = await conductances(10, (P) => gapJunctions(P, P, rule.allToAll(), { conductance }));
  for (let a = 0; a < 10; a += 1)
    for (let b = 0; b < a; b += 1) {
      t.is(all[a]![b], all[b]![a]);
      t.true(all[a]![b]! >= 1 && all[a]![b]! <= 2);
    }
});

test('slices that overlap have each of their common pairs once', async (t) => {
  const all = await conductances(5, (P) =>
    gapJunctions(P.slice(0, 4), P.slice(1, 5), rule.allToAll(), { conductance: 1 }),
  );
  const expected = (a: number, b: number) => {
    const reach = (from: number, to: number) => from < 4 && to > 0;
    return Number(a !== b && (reach(a, b) || reach(b, a)));
  };
  for (let a = 0; a < 5; a += 1)
    for (let b = 0; b < 5; b += 1) if (a !== b) t.is(all[a]![b], expected(a, b), `${a} ${b}`);
  const chain = await conductances(4, (P) =>
    gapJunctions(P.slice(1, 4), P.slice(0, 3), rule.oneToOne(), { conductance: 1 }),
  );
  t.deepEqual(
    [0, 1, 2].map((a) => [chain[a]![a + 1], chain[a + 1]![a]]),
    [1, 2, 3].map(() => [1, 1]),
  );
});

test('between two populations, and in one direction, every pair of the rule counts', async (t) => {
  const one = await conductances(4, (P) =>
    gapJunctions(P, P, rule.allToAll(), { conductance: 1, symmetric: false }),
  );
  for (let a = 0; a < 4; a += 1) for (let b = 0; b < 4; b += 1) if (a !== b) t.is(one[a]![b], 1);
  const two = await conductances(4, (P) =>
    gapJunctions(P.slice(2), P.slice(0, 2), rule.allToAll(), { conductance: 1 }),
  );
  t.deepEqual([two[0]![2], two[2]![0], two[1]![3], two[3]![1]], [1, 1, 1, 1]);
});

test('rules that cannot tell how often a pair counts are refused', async (t) => {
  const P = population(still, 10, { name: 'P' });
  const of = (pairs: Rule, symmetric = true) =>
    circuit(P, gapJunctions(P, P, pairs, { conductance: 1, symmetric })).compile({ dt: 1 });
  const both = rule.list([0, 1, 2], [1, 2, 1]);
  await t.throwsAsync(of(both), {
    code: 'invalid-parameter',
    message: /pair 1 from 1 to 2 and its opposite/,
  });
  (await of(both, false)).dispose();
  for (const count of [rule.fixedInDegree, rule.fixedOutDegree, rule.fixedTotalNumber]) {
    await t.throwsAsync(of(count(3, { multapses: false })), {
      code: 'invalid-parameter',
      message: /both neurons of a pair/,
    });
    (await of(count(3, { multapses: false }), false)).dispose();
    (await of(count(3))).dispose();
  }
});
