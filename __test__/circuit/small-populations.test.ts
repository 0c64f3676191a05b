// Many small populations are advanced together. Their reference is one population with the same neurons and synapses, which is
// advanced alone: the same spikes and states, whatever the precision, the threads and the pieces of the run.
import test from 'ava';
import {
  type Circuit,
  type CircuitElement,
  circuit,
  connect,
  currentSource,
  type Population,
  poisson,
  population,
  record,
  rule,
} from '../../src-ts/doors/circuit.ts';
import { hhPscAlpha, iafPscExp, izhikevich } from '../../src-ts/doors/neurons.ts';

/** Sizes with one neuron, a chunk of neuron slots, one more, and too many to be advanced with others. */
const sizes = Array.from({ length: 36 }, (_, i) => [5, 1, 8, 9, 32, 33, 17][i % 7] as number);
const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
const total = sizes.reduce((sum, size) => sum + size, 0);
const current = (base: number, i: number) => base * (1 + (i % 11) / 20);

/** Synapses from population i to population i + 1, each neuron to two. */
function synapses(i: number): [pre: number[], post: number[]] {
  const [from, to] = [sizes[i] as number, sizes[(i + 1) % sizes.length] as number];
  const pre = Array.from({ length: 2 * from }, (_, k) => k >> 1);
  return [pre, pre.map((n, k) => (3 * n + k) % to)];
}

interface Case {
  of: (size: number, options: { name: string }) => Population;
  base: number;
  weight: number;
}
const cases: Record<string, Case> = {
  iafPscExp: { of: (...a) => population(iafPscExp, ...a), base: 500, weight: 90 },
  izhikevich: { of: (...a) => population(izhikevich, ...a), base: 7, weight: 4 },
  'hhPscAlpha, in sub-steps': { of: (...a) => population(hhPscAlpha, ...a), base: 700, weight: 40 },
};

function small({ of, base, weight }: Case): Circuit {
  const all = sizes.map((size, i) => of(size, { name: `p${i}` }));
  const elements: CircuitElement[] = all.flatMap((own, i) => [
    own,
    connect(own, all[(i + 1) % all.length] as typeof own, rule.list(...synapses(i)), { weight, delay: 1.5 }),
    connect(currentSource(current(base, i)), own),
    record.spikes(own),
    record.traces(own, ['v'], 1),
  ]);
  return circuit(...elements);
}

function whole({ of, base, weight }: Case): Circuit {
  const all = of(total, { name: 'all' });
  const pairs = sizes.map((_, i) => {
    const [pre, post] = synapses(i);
    const next = (i + 1) % sizes.length;
    return [
      pre.map((n) => n + (starts[i] as number)),
      post.map((n) => n + (starts[next] as number)),
    ] as const;
  });
  const own = sizes.map((size, i) => {
    const start = starts[i] as number;
    return connect(currentSource(current(base, i)), all.slice(start, start + size));
  });
  return circuit(
    all,
    connect(
      all,
      all,
      rule.list(
        pairs.flatMap(([pre]) => pre),
        pairs.flatMap(([, post]) => post),
      ),
      { weight, delay: 1.5 },
    ),
    own,
    record.spikes(all),
    record.traces(all, ['v'], 1),
  );
}

for (const [name, chosen] of Object.entries(cases)) {
  for (const precision of ['f32', 'f64'] as const) {
    test(`as one population: ${name}, ${precision}`, async (t) => {
      const options = { dt: 0.1, seed: 3, precision } as const;
      using reference = await whole(chosen).compile({ ...options, threads: 1 });
      const expected = await reference.run(40);
      t.true(expected.times.length > 200, `${expected.times.length} spikes`);
      for (const threads of [1, 2]) {
        using simulation = await small(chosen).compile({ ...options, threads });
        const first = await simulation.run(16.7);
        const rest = await simulation.run(23.3);
        t.deepEqual([...first.times, ...rest.times], [...expected.times]);
        t.deepEqual([...first.ids, ...rest.ids], [...expected.ids]);
        const v = expected.traces['all.v']?.values ?? new Float64Array();
        for (const [i, size] of sizes.entries()) {
          const own = [first, rest].flatMap((run) => [...(run.traces[`p${i}.v`]?.values ?? [])]);
          const columns = Array.from({ length: 40 * size }, (_, k) => {
            return v[Math.floor(k / size) * total + (starts[i] as number) + (k % size)];
          });
          t.deepEqual(own, columns, `population ${i}`);
        }
      }
    });
  }
}

test('a population leaves the others when its parameters change, and Poisson spikes stay those of the population alone', async (t) => {
  const network = (count: number) => {
    const all = Array.from({ length: count }, (_, i) => population(iafPscExp, 5, { name: `p${i}` }));
    return circuit(
      ...all,
      all.map((own) => connect(poisson(9000), own, { weight: 22 })),
      record.spikes(all[0] as (typeof all)[number]),
    );
  };
  const spikes = async (count: number) => {
    using simulation = await network(count).compile({ dt: 0.1, seed: 8, threads: 1 });
    const before = await simulation.run(100);
    await simulation.set('p0', { vThreshold: -60 });
    const after = await simulation.run(100);
    return [before.times, after.times].map((times) => [...times]);
  };
  const [alone, together] = [await spikes(1), await spikes(50)];
  t.true(alone.every((times) => times.length > 5));
  t.deepEqual(together, alone);
});
