// Inputs, parameters and weights are set between runs without compiling again, and what was set is in a saved state.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  circuit,
  connect,
  currentSource,
  distribution,
  loadCircuit,
  noise,
  poisson,
  population,
  record,
  rule,
  type Simulation,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp, neuron } from '../../src-ts/doors/neurons.ts';
import { outcome } from '../support/errors.ts';
import { run } from '../support/process.ts';

/** Adds up what enters. */
const counter = neuron({ state: { v: 0 }, update: 'v = v + i' });
const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

test('a rate that is set is that of a network described with it, spike by spike', async (t) => {
  const cells = population(counter, 300, { name: 'C' });
  const times = [0, 10];
  const described = circuit(
    cells,
    connect(poisson({ times, values: [500, 2000] }), cells, { weight: 2 }),
    record.traces(cells, ['v'], 1),
  );
  const drive = connect(poisson(500), cells, { weight: 2, name: 'drive' });
  for (const threads of [1, 2]) {
    using whole = await described.compile({ seed: 3, threads });
    using parts = await circuit(cells, drive, record.traces(cells, ['v'], 1)).compile({ seed: 3, threads });
    const expected = (await whole.run(20)).traces['C.v']!;
    const first = (await parts.run(10)).traces['C.v']!;
    await parts.set(drive, { rate: 2000 });
    const second = (await parts.run(10)).traces['C.v']!;
    t.deepEqual([...first.values, ...second.values], [...expected.values]);
    t.deepEqual(await parts.get('drive', 'rate'), Float64Array.of(2000));
  }
});

test('rates over time and of each neuron have their means', async (t) => {
  const cells = population(counter, 200, { name: 'C' });
  const drive = connect(poisson(0), cells, { weight: 1, name: 'drive' });
  using simulation = await circuit(cells, drive).compile({ seed: 1 });
  const rates = Float64Array.from({ length: 200 }, (_, i) => i * 10);
  await simulation.set('drive', { rate: rates });
  await simulation.run(5000);
  const counts = await simulation.get(cells, 'v');
  // Each is Poisson with its own mean: the sum of squared standard deviates is chi squared.
  let chi2 = 0;
  for (let i = 1; i < 200; i++) chi2 += (counts[i]! - rates[i]! * 5) ** 2 / (rates[i]! * 5);
  t.is(counts[0], 0);
  t.true(Math.abs(chi2 - 199) < 5 * Math.sqrt(2 * 199), String(chi2));
  t.deepEqual(await simulation.get('drive', 'rate'), rates);
  await simulation.set(cells, { v: 0 });
  await simulation.set('drive', { rate: { times: [5000, 5500], values: [1000, 0] } });
  await simulation.run(1000);
  const mean = sum(await simulation.get(cells, 'v')) / 200;
  t.true(Math.abs(mean - 500) < 5 * Math.sqrt(500 / 200), String(mean));
  const course = (await simulation.get(drive, 'rate')) as unknown as {
    times: Float64Array;
    values: Float64Array;
  };
  t.deepEqual(
    [[...course.times], [...course.values]],
    [
      [5000, 5500],
      [1000, 0],
    ],
  );
  // A row a time.
  await simulation.set('drive', { rate: { times: [6000, 6500], values: [Array.from(rates), 0] } });
  await simulation.set(cells, { v: 0 });
  await simulation.run(1000);
  const later = await simulation.get(cells, 'v');
  const total = sum(rates) / 2;
  t.true(Math.abs(sum(later) - total) < 5 * Math.sqrt(total));
  t.true(later[10]! < later[199]!);
});

test('currents and noise are set', async (t) => {
  const cells = population(counter, 5, { name: 'C' });
  const current = connect(currentSource(1), cells, { name: 'step' });
  using simulation = await circuit(cells, current).compile();
  await simulation.run(1);
  await simulation.set(current, { current: [1, 2, 3, 4, 5] });
  await simulation.run(1);
  t.deepEqual([...(await simulation.get(cells, 'v'))], [20, 30, 40, 50, 60]);
  await simulation.set('step', { current: { times: [2.5], values: [10] } });
  await simulation.run(1);
  t.deepEqual([...(await simulation.get(cells, 'v'))], [70, 80, 90, 100, 110]);
  t.deepEqual(await simulation.get('step', 'current'), {
    times: Float64Array.of(2.5),
    values: Float64Array.of(10),
  } as never);
  const many = population(counter, 1000, { name: 'M' });
  using noisy = await circuit(many, connect(noise({ sd: 1 }), many)).compile({ seed: 2 });
  await noisy.set('normal1', { mean: 3, sd: 2 });
  await noisy.run(1);
  const v = await noisy.get(many, 'v');
  const mean = sum(v) / 1000;
  const variance = sum(v.map((x) => (x - mean) ** 2)) / 1000;
  t.true(Math.abs(mean - 30) < 5 * Math.sqrt(40 / 1000), String(mean));
  t.true(Math.abs(variance - 40) < 5 * 40 * Math.sqrt(2 / 1000), String(variance));
  t.deepEqual(await noisy.get('normal1', 'sd'), Float64Array.of(2));
  t.deepEqual(noisy.inputs, [{ name: 'normal1', kind: 'normal', to: 'M' }]);
});

/** What arrives from each source, one at a time: the matrix of weights as the network has it. */
async function arrivals(simulation: Simulation, sources: number, cells: string): Promise<number[][]> {
  const rows = [];
  for (let i = 0; i < sources; i++) {
    await simulation.set(cells, { v: 0 });
    await simulation.run(10);
    rows.push([...(await simulation.get(cells, 'v'))]);
  }
  return rows;
}

const wirings = {
  'all to all, constant': [rule.allToAll(), 2],
  'all to all, drawn': [rule.allToAll(), distribution.normal(2, 0.5)],
  'fixed in-degree': [rule.fixedInDegree(7), distribution.uniform(1, 2)],
  bernoulli: [rule.pairwiseBernoulli(0.3, { autapses: false }), 1.5],
  poisson: [rule.pairwisePoisson(0.8), 1],
  'one to one': [rule.oneToOne(), 3],
  list: [rule.list([3, 0, 3, 7, 7], [1, 1, 0, 2, 2]), [1, 2, 3, 4, 5]],
} as const;
for (const [name, [wiring, weight]] of Object.entries(wirings)) {
  for (const precision of ['f32', 'f64'] as const) {
    test(`weights of static synapses are set: ${name} in ${precision}`, async (t) => {
      const n = 8;
      // Each source spikes alone, once in ten ms.
      const source = spikeSource(
        Array.from({ length: n }, (_, i) => Array.from({ length: 3 }, (_, k) => 10 * (k * n + i) + 1)),
        { name: 'S' },
      );
      const cells = population(counter, n, { name: 'C' });
      const delay = distribution.uniform(0.5, 3);
      const connection = connect(source, cells, wiring, { weight: weight as never, delay });
      const other = connect(source, cells, rule.list([0], [0]), { weight: 100, delay: 1 });
      using simulation = await circuit(cells, connection, other).compile({ seed: 5, precision });
      const before = await arrivals(simulation, n, 'C');
      const { sources, targets, weights, connections } = await simulation.connections(source, cells);
      const own = weights.map((_, i) => (connections[i] === 0 ? 0.25 + 0.125 * (i % 11) : 100));
      await simulation.set(connection, { weight: own.filter((_, i) => connections[i] === 0) });
      const matrix = Array.from({ length: n }, () => new Float64Array(n));
      own.forEach((w, i) => {
        matrix[sources[i]!]![targets[i]!]! += w;
      });
      const close = (rows: number[][]) =>
        rows.every((row, s) =>
          row.every((x, i) => Math.abs(x - matrix[s]![i]!) <= 0.01 + 1e-3 * matrix[s]![i]!),
        );
      t.true(close(await arrivals(simulation, n, 'C')));
      const read = (await simulation.connections(source, cells)).weights;
      t.true(read.every((w, i) => Math.abs(w - own[i]!) < (precision === 'f64' ? 1e-12 : 0.01)));
      t.true(
        await sameWeights(
          simulation,
          connection,
          own.filter((_, i) => connections[i] === 0),
        ),
      );
      // All at once, in the order of connections.
      await simulation.setWeights(source, cells, weights);
      const after = await arrivals(simulation, n, 'C');
      if (precision === 'f64') t.deepEqual(after, before);
      // What arrives is within 1/1024 of a weight, and drawn weights are counted in other units than a list is.
      const near = (x: number, i: number, row: number[]) => Math.abs(x - row[i]!) <= (2 / 1024) * row[i]!;
      t.true(after.every((row, s) => row.every((x, i) => near(x, i, before[s]!))));
      t.regex(await outcome(() => simulation.setWeights(source, cells, [1, 2])), /^shape-mismatch/);
    });
  }
}

async function sameWeights(
  simulation: Simulation,
  of: Parameters<Simulation['get']>[0],
  expected: Float64Array,
): Promise<boolean> {
  const found = (await simulation.get(of as never, 'weight')) as Float64Array;
  return found.length === expected.length && found.every((w, i) => Math.abs(w - expected[i]!) < 0.01);
}

test('weights are set while spikes are under way, beside plastic synapses, on any number of threads', async (t) => {
  const E = population(iafPscExp, 150, { name: 'E', iBias: distribution.uniform(300, 500) });
  const I = population(iafPscExp, 50, { name: 'I', iBias: 420 });
  const still = connect(I, E, rule.fixedInDegree(10), { weight: -30, delay: distribution.uniform(1, 5) });
  const learning = connect(E, E, rule.fixedInDegree(10), { weight: 20, delay: 2, model: synapse.stdp() });
  const dense = connect(E, I, rule.allToAll(), { weight: 5, delay: 3 });
  const network = circuit(E, I, still, learning, dense);
  const results = [];
  for (const threads of [1, 2, 3]) {
    using simulation = await network.compile({ seed: 2, threads });
    await simulation.run(30);
    await simulation.set(still, { weight: -90 });
    await simulation.setWeights(E, I, 12);
    const spikes = await simulation.run(60);
    results.push([[...spikes.times], [...spikes.ids], [...(await simulation.weights(E, E))]]);
    t.true(spikes.times.length > 100);
    t.deepEqual(new Set(await simulation.weights(E, I)), new Set([12]));
  }
  t.deepEqual(results[1], results[0]);
  t.deepEqual(results[2], results[0]);
  // And they are those of a network that had these weights from the start, where nothing happened before.
  const other = circuit(
    E,
    I,
    connect(I, E, still.element === 'connection' ? still.rule : rule.allToAll(), {
      weight: -90,
      delay: distribution.uniform(1, 5),
    }),
  );
  using set = await circuit(E, I, still).compile({ seed: 2 });
  await set.set(still, { weight: -90 });
  using made = await other.compile({ seed: 2 });
  t.deepEqual((await set.run(80)).ids, (await made.run(80)).ids);
});

/** A network with everything that can be set, and what is set. */
function settable() {
  const E = population(iafPscExp, 80, { name: 'E', iBias: 300 });
  const drive = connect(poisson(4000), E, { weight: 20, name: 'drive' });
  const step = connect(currentSource(0), E, { name: 'step' });
  const wiring = connect(E, E, rule.fixedInDegree(8), { weight: 10, delay: 1.5 });
  return { E, drive, step, wiring, network: circuit(E, drive, step, wiring, record.lfp(E, { every: 1 })) };
}

test('what was set is in a saved state, also in a file and in another process', async (t) => {
  const { E, drive, step, wiring, network } = settable();
  using simulation = await network.compile({ seed: 4 });
  await simulation.run(20);
  const early = await simulation.save();
  await simulation.set(drive, { rate: Array.from({ length: 80 }, (_, i) => 50 * i), weight: 30 });
  await simulation.set(step, { current: { times: [25], values: [100] } });
  await simulation.set(E.slice(0, 40), { tauMem: 15 });
  const weights = Float64Array.from(await simulation.get(wiring, 'weight'), (_, i) => 5 + (i % 7));
  await simulation.set(wiring, { weight: weights });
  await simulation.run(20);
  const state = await simulation.save();
  const directory = await mkdtemp(join(tmpdir(), 'lapicque-'));
  const file = join(directory, 'state.safetensors');
  await simulation.saveFile(file);
  await network.save(join(directory, 'network.safetensors'));
  const expected = await simulation.run(60);
  t.true(expected.times.length > 20);
  const spikes = ({ times, ids, lfp }: typeof expected) => [[...times], [...ids], [...lfp.E!.values]];
  const goes = async (other: Simulation) => {
    t.deepEqual(spikes(await other.run(60)), spikes(expected));
    t.deepEqual(((await other.get('drive', 'rate')) as Float64Array)[3], 150);
    t.deepEqual(await other.get('drive', 'weight'), Float64Array.of(30));
    t.deepEqual((await other.get('E', 'tauMem')).slice(38, 42), Float64Array.of(15, 15, 10, 10));
    const read = (await other.connections('E', 'E')).weights;
    t.true(read.every((w, i) => Math.abs(w - weights[i]!) < 1e-3));
  };
  for (const threads of [1, 3]) {
    using other = await network.compile({ seed: 4, threads });
    await other.restore(state);
    await goes(other);
    // Back to before anything was set: it is as described.
    await other.restore(early);
    t.deepEqual(await other.get('drive', 'rate'), Float64Array.of(4000));
    t.deepEqual(new Set(await other.get('E', 'tauMem')), new Set([10]));
    t.deepEqual(new Set((await other.connections('E', 'E')).weights), new Set([10]));
    await other.restore(file);
    await goes(other);
  }
  using loaded = await (await loadCircuit(join(directory, 'network.safetensors'))).compile({ seed: 4 });
  await loaded.restore(file);
  await goes(loaded);
  // The functions of the library are `lapicque` there.
  const found = await run<[number[], number[]]>(`
    const circuit = await lapicque.loadCircuit(${JSON.stringify(join(directory, 'network.safetensors'))});
    const simulation = await circuit.compile({ seed: 4 });
    await simulation.restore(${JSON.stringify(file)});
    const { times, ids } = await simulation.run(60);
    console.log(JSON.stringify([[...times], [...ids]]));`);
  t.deepEqual(found, spikes(expected).slice(0, 2));
});

test('a state of before it held what was set leaves that as it is', async (t) => {
  const { E, drive, network } = settable();
  using simulation = await network.compile({ seed: 4 });
  await simulation.run(5);
  const { changes: _, ...old } = await simulation.save();
  await simulation.set(drive, { rate: 10 });
  await simulation.set(E, { iBias: 5 });
  await simulation.restore(old);
  t.deepEqual(await simulation.get(drive as never, 'rate'), Float64Array.of(10));
  t.is((await simulation.get(E, 'iBias'))[0], 5);
});

test('what cannot be set is refused, and nothing is changed', async (t) => {
  const { E, drive, step, wiring, network } = settable();
  using simulation = await network.compile({ seed: 4 });
  const state = await simulation.save();
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => simulation.set(drive, { rate: -1 }), /rate/],
    [() => simulation.set(drive, { rate: 1e12 }), /rate in Hz from 0/],
    [() => simulation.set(drive, { rate: [1, 2, 3] }), /shape-mismatch.*rate/],
    [() => simulation.set(drive, { current: 1 }), /unknown-name.*current/],
    [() => simulation.set(step, { rate: 1 }), /unknown-name.*rate/],
    [() => simulation.set(step, { current: Number.NaN }), /currentSource/],
    [() => simulation.set(drive, { weight: -20 }), /sign/],
    [() => simulation.set(drive, { rate: distribution.uniform(1, 2) as never }), /distribution\.draw/],
    [() => simulation.set('drove', { rate: 1 }), /did you mean "drive"/],
    [() => simulation.set(wiring, { delay: 1 }), /unknown-name.*delay/],
    [() => simulation.set(wiring, { weight: [1, 2] }), /shape-mismatch/],
    [() => simulation.set(wiring, { weight: Number.POSITIVE_INFINITY }), /weight/],
    [() => simulation.set(wiring, { weight: -10 }), /sign/],
    [() => simulation.set(connect(poisson(1), E, { weight: 1 }), { rate: 1 }), /in this network/],
    [() => simulation.get('drive', 'rats'), /did you mean "rate"/],
    [() => simulation.get(wiring, 'w'), /unknown-name/],
    [() => simulation.restore({ ...state, changes: Uint8Array.of(1, 2, 3) }), /malformed-file/],
  ];
  for (const [act, expected] of cases) {
    t.regex(await outcome(act), expected);
  }
  t.deepEqual(await simulation.save(), state);
  const twice = circuit(E, drive, connect(currentSource(1), E, { name: 'drive' }));
  t.regex(await outcome(() => twice.compile()), /inputs\[1\]\.name/);
});
