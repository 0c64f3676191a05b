// Parts of large networks: slices, layouts, what changes between runs, what is read back, files.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import {
  circuit,
  connect,
  currentSource,
  distribution,
  gapJunctions,
  layout,
  loadCircuit,
  poisson,
  population,
  record,
  rule,
  simulate,
  spikeSource,
} from '../../src-ts/doors/circuit.ts';
import {
  iafPscExp,
  integrateAndFire,
  li,
  lif,
  multiLevelLif,
  neuron,
  spikingLstm,
} from '../../src-ts/doors/neurons.ts';
import { adam, dense, loss, sequential } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { folder, json } from '../support/program.ts';

/** Neurons that add up what arrives. */
const sums = (n: number, options: object = {}) =>
  population(integrateAndFire, n, { vThreshold: 1e9, ...options });

test('slices are counted as those of arrays', (t) => {
  const cells = sums(10, { name: 'P' });
  const of = (start?: number, end?: number) => {
    const { from, to } = cells.slice(start, end);
    return [from, to];
  };
  t.deepEqual(of(), [0, 10]);
  t.deepEqual(of(3), [3, 10]);
  t.deepEqual(of(-4, -1), [6, 9]);
  t.deepEqual(of(2, 99), [2, 10]);
  const { from, to } = cells.slice(2, 9).slice(1, -2);
  t.deepEqual([from, to], [3, 7]);
  t.throws(() => cells.slice(5, 5), { message: /slice: expected at least one of 10 neurons but got/ });
  t.throws(() => cells.slice(0.5), { message: /start: expected an integer/ });
  t.is(spikeSource([[1], [2], [3]]).slice(1).to, 3);
});

test('slices connect, receive and are recorded', async (t) => {
  const P = sums(100, { name: 'P' });
  const S = spikeSource([[1], [2], [3]], { name: 'S' });
  const made = circuit(
    connect(S.slice(1), P.slice(10, 20), rule.allToAll(), { weight: 2, delay: 1 }),
    connect(
      currentSource({
        times: [10, 11],
        values: [
          [1, 2, 3],
          [0, 0, 0],
        ],
      }),
      P.slice(-3),
    ),
    record.spikes(P.slice(0, 5)),
    record.traces(P.slice(8), ['v']),
  );
  for (const network of [made, await saved(t, made)]) {
    const { traces } = await simulate(network, { duration: 20, dt: 1, precision: 'f64' });
    const last = traces['P.v']!.values.slice(19 * 92);
    for (let n = 0; n < 92; n += 1) {
      const expected = n >= 2 && n < 12 ? 4 : n >= 89 ? n - 88 : 0;
      t.is(last[n], expected, `${n}`);
    }
  }
  t.deepEqual(made.toJSON().connections![0]!.from, { of: 'S', from: 1, to: 3 });
});

/** The same network from a file. */
async function saved(t: import('ava').ExecutionContext, made: ReturnType<typeof circuit>) {
  const path = join(await folder((remove) => t.teardown(remove)), 'network.safetensors');
  await made.save(path);
  return loadCircuit(path);
}

test('parameters and states change between runs', async (t) => {
  const P = population(iafPscExp, 200, { name: 'P', iBias: 100 });
  using simulation = await circuit(P).compile({ dt: 0.1, precision: 'f64', threads: 2 });
  const relaxed = (v: number, current: number, ms: number) => {
    const end = -70 + (10 / 250) * current;
    return end + (v - end) * Math.exp(-ms / 10);
  };
  await simulation.run(10);
  const v = relaxed(-70, 100, 10);
  t.true((await simulation.get(P, 'v')).every((x) => Math.abs(x - v) < 1e-9));
  await simulation.set(P.slice(130, 180), { iBias: Array.from({ length: 50 }, (_, i) => i) });
  await simulation.set('P', { v: -65 });
  await simulation.run(5);
  const after = await simulation.get('P', 'v');
  for (const [n, x] of after.entries()) {
    const bias = n >= 130 && n < 180 ? n - 130 : 100;
    t.true(Math.abs(x - relaxed(-65, bias, 5)) < 1e-9, `${n}: ${x}`);
  }
  t.deepEqual(Array.from(await simulation.get(P.slice(129, 132), 'iBias')), [100, 0, 1]);

  const says = async (call: () => Promise<unknown>, code: string, part: string) => {
    const error = await failure(call);
    t.is(error?.code, code as never, String(error));
    t.true(error!.message.includes(part), error!.message);
  };
  await says(() => simulation.set('Q', { v: 0 }), 'unknown-name', 'population');
  await says(() => simulation.set(P, { tauMen: 1 }), 'unknown-name', 'tauMem');
  // States and parameters can be set, so both are listed.
  await says(() => simulation.set(P, { V_m: 1 }), 'unknown-name', 'of P "V_m"; known are v, iE, ');
  await says(() => simulation.set(P, { V_m: 1 }), 'unknown-name', ', tauMem, ');
  await says(() => simulation.set(P, { tauMem: -1 }), 'invalid-parameter', 'P.tauMem');
  await says(() => simulation.set(P, { tauMem: [1, 2] }), 'shape-mismatch', '[200]');
  await says(() => simulation.set(P, { tauMem: 'x' as never }), 'invalid-parameter', 'values.tauMem');
  await says(() => simulation.get(sums(5), 'v'), 'invalid-parameter', 'of this network');
  await says(() => simulation.get(P, 'w'), 'unknown-name', 'state or parameter of P');
});

test('synapses are read back', async (t) => {
  const S = spikeSource([[1], [1], [1]], { name: 'S' });
  const P = population(iafPscExp, 50, { name: 'P' });
  const made = circuit(
    connect(S, P, rule.list([0, 2, 1], [7, 7, 3]), { weight: [1.5, -2, 3], delay: [1, 2, 3] }),
    connect(P.slice(10, 30), P.slice(20, 50), rule.fixedInDegree(5, { autapses: false }), {
      weight: -4,
      delay: 1.2,
    }),
  );
  using simulation = await made.compile({ dt: 0.1, precision: 'f64' });
  const listed = await simulation.connections(S, P);
  t.deepEqual(Array.from(listed.sources), [1, 0, 2]);
  t.deepEqual(Array.from(listed.targets), [3, 7, 7]);
  t.deepEqual(Array.from(listed.weights), [3, 1.5, -2]);
  t.deepEqual(
    Array.from(listed.delays, (x) => Math.round(10 * x) / 10),
    [3, 1, 2],
  );
  const inner = await simulation.connections('P', 'P');
  t.is(inner.sources.length, 150);
  t.true(inner.sources.every((s, i) => s >= 10 && s < 30 && s !== inner.targets[i]));
  for (let n = 20; n < 50; n += 1) t.is(inner.targets.filter((x) => x === n).length, 5);
  t.true(inner.weights.every((w) => Math.abs(w + 4) < 1e-12) && inner.connections.every((c) => c === 1));
  const some = await simulation.connections(P.slice(10, 15), P.slice(20, 25));
  const count = inner.sources.filter((s, i) => s < 15 && inner.targets[i]! < 25).length;
  t.is(some.sources.length, count);
  t.is((await simulation.connections()).sources.length, simulation.synapses);
});

test('wiring by distance has its distribution', async (t) => {
  const [rows, columns] = [30, 30];
  const P = sums(rows * columns, { name: 'P', layout: layout.grid([rows, columns], { periodic: true }) });
  const made = circuit(
    connect(P, P, rule.pairwiseBernoulli('exp(-d^2 / (2 * 0.15^2))', { autapses: false }), {
      weight: '2 - d',
      delay: '0.5 + 4 * d',
    }),
  );
  const of = async (network: typeof made, threads: number) => {
    using simulation = await network.compile({ dt: 0.1, precision: 'f64', seed: 4, threads });
    return simulation.connections(P.name, P.name);
  };
  const synapses = await of(made, 1);
  t.deepEqual(await of(await saved(t, made), 3), synapses);
  const near = (a: number, b: number) => Math.min(Math.abs(a - b), 1 - Math.abs(a - b));
  const distance = (s: number, to: number) =>
    Math.hypot(
      near(Math.floor(s / columns) / rows, Math.floor(to / columns) / rows),
      near((s % columns) / columns, (to % columns) / columns),
    );
  const expected = new Map<number, number>();
  for (let to = 1; to < rows * columns; to += 1) {
    const key = Math.round(distance(0, to) * 1e6);
    expected.set(key, (expected.get(key) ?? 0) + rows * columns);
  }
  const found = new Map<number, number>();
  for (const [i, s] of synapses.sources.entries()) {
    const d = distance(s, synapses.targets[i]!);
    const key = Math.round(d * 1e6);
    found.set(key, (found.get(key) ?? 0) + 1);
    t.true(Math.abs(synapses.weights[i]! - (2 - d)) < 1e-12);
    t.true(Math.abs(synapses.delays[i]! - (0.5 + 4 * d)) < 0.05 + 1e-9);
  }
  let [chi2, cells] = [0, 0];
  for (const [key, pairs] of expected) {
    const p = Math.exp(-((key * 1e-6) ** 2) / (2 * 0.15 ** 2));
    if (pairs * p < 5) continue;
    chi2 += ((found.get(key) ?? 0) - pairs * p) ** 2 / (pairs * p * (1 - p));
    cells += 1;
  }
  t.true(cells > 40 && Math.abs(chi2 - cells) < 4 * Math.sqrt(2 * cells), `${chi2} of ${cells}`);
});

test('layouts are where they say', (t) => {
  const grid = layout.grid([2, 3], { extent: [4, 3], periodic: [true, false] });
  t.deepEqual(Array.from(grid.positions), [1, 0.5, 1, 1.5, 1, 2.5, 3, 0.5, 3, 1.5, 3, 2.5]);
  t.deepEqual(grid.period, [4, 0]);
  const random = layout.random(1000, { dimensions: 3, extent: [1, 2, 3], seed: 5 });
  t.is(random.positions.length, 3000);
  for (const k of [0, 1, 2]) {
    const mean = random.positions.filter((_, i) => i % 3 === k).reduce((a, b) => a + b, 0) / 1000;
    t.true(Math.abs(mean - (k + 1) / 2) < (5 * (k + 1)) / Math.sqrt(12_000), `${k}: ${mean}`);
  }
  t.deepEqual(layout.positions([[1], [2]], { period: [9] }).period, [9]);
  t.throws(() => layout.grid([2, 2, 2, 2]), { message: /shape/ });
  t.throws(() => layout.positions([[1], [2, 3]]), { message: /points\[1\]/ });
  t.throws(() => sums(7, { layout: grid }), { message: /population\.layout: expected positions of 7/ });
});

test('rates change over time', async (t) => {
  const P = sums(1000, { name: 'P' });
  const rate = { times: [10, 20, 40], values: [1000, 0, 4000] };
  const made = circuit(connect(poisson(rate), P.slice(0, 500), { weight: 1 }), record.traces(P, ['v'], 10));
  const { traces } = await simulate(made, { duration: 50, dt: 0.1, seed: 2 });
  const totals = [0, 1, 2, 3, 4].map((k) =>
    traces['P.v']!.values.slice(1000 * k, 1000 * k + 500).reduce((a, b) => a + b, 0),
  );
  t.is(totals[0], 0);
  t.true(Math.abs(totals[1]! - 5000) < 5 * Math.sqrt(5000), `${totals}`);
  t.is(totals[3], totals[1]!);
  t.true(Math.abs(totals[4]! - totals[3]! - 20_000) < 5 * Math.sqrt(20_000), `${totals}`);
  t.true(traces['P.v']!.values.slice(4500).every((v) => v === 0));
  t.throws(() => poisson({ times: [0], values: [-1] }), { message: /rate\.values\[0\]/ });
});

test('neurons of your own have noise and several inputs', async (t) => {
  const noisy = neuron({
    state: { v: 0 },
    params: { tau: 2, sigma: 3 },
    input: ['soma', { name: 'dendrite' }],
    update: "v' = -v/tau + soma - dendrite + sigma*sqrt(2/tau)*xi",
  });
  const P = population(noisy, 500, { name: 'P', sigma: 0 });
  const Q = population(noisy, 500, { name: 'Q' });
  const made = circuit(
    connect(currentSource(3), P, { port: 'soma' }),
    connect(currentSource(1), P, { port: 'dendrite' }),
    record.traces(P, ['v'], 10),
    record.traces(Q, ['v'], 10),
  );
  const { traces } = await simulate(made, { duration: 100, dt: 0.1, precision: 'f64' });
  t.true(traces['P.v']!.values.slice(-500).every((v) => Math.abs(v - 4) < 1e-9));
  const v = traces['Q.v']!.values.slice(500);
  const variance = v.reduce((sum, x) => sum + x * x, 0) / v.length;
  const expected = 9 / (1 - 0.05 / 2);
  t.true(Math.abs(variance / expected - 1) < 5 * Math.sqrt(2 / v.length), `${variance}`);
  // As a layer it takes an input of its own for each port.
  const error = await failure(() => sequential(dense(2, 3), noisy({ neurons: 3 })).compile());
  t.is(error?.code, 'shape-mismatch');
  using layer = await sequential(dense(2, 6), noisy({ neurons: 3 })).compile();
  t.is(layer.outputs, 3);
});

test('a network file is run by the command, and another is refused', async (t) => {
  const at = await folder((remove) => t.teardown(remove));
  const E = population(iafPscExp, 100, {
    name: 'E',
    iBias: Array.from({ length: 100 }, (_, i) => 300 + i),
    initial: { v: distribution.uniform(-70, -55) },
  });
  const made = circuit(
    E,
    connect(E, E, rule.list([0, 1, 2], [3, 4, 5]), { weight: [1, 2, 3], delay: 1 }),
    connect(spikeSource([Array.from({ length: 40 }, (_, i) => i + 1)]), E, rule.allToAll(), {
      weight: 20,
      delay: 1,
    }),
  );
  const path = join(at, 'network.safetensors');
  await made.save(path);
  const again = await loadCircuit(path);
  const options = { duration: 100, dt: 0.1, seed: 3 };
  const [a, b] = [await simulate(made, options), await simulate(again, options)];
  t.true(a.times.length > 100);
  t.deepEqual([b.times, b.ids], [a.times, a.ids]);
  const report = await json(['simulate', path, '--seconds', '0.1', '--seed', '3', '--transient', '0']);
  t.is(report.spikes_total, a.times.length);

  await writeFile(join(at, 'other.safetensors'), 'not one');
  t.is((await failure(() => loadCircuit(join(at, 'other.safetensors'))))?.code, 'malformed-file');
  t.is((await failure(() => loadCircuit(join(at, 'none.safetensors'))))?.code, 'io');
  const model = await sequential(dense(2, 3), lif({ beta: 0.9 })).compile();
  await model.save(join(at, 'model.safetensors'));
  const error = await failure(() => loadCircuit(join(at, 'model.safetensors')));
  t.is(error?.code, 'malformed-file');
  t.true(error!.message.includes('not a network'), error!.message);
});

/** Random spikes of a model's input: the tensor, and the same as trains one step later. */
function spikesOf(steps: number, inputs: number, dt: number, seed: number) {
  const uniforms = distribution.draw(distribution.uniform(0, 1), steps * inputs, seed);
  const x = uniforms.map((u) => (u < 0.3 ? 1 : 0));
  const trains = Array.from({ length: inputs }, (_, i) =>
    Array.from({ length: steps }, (_, step) => step)
      .filter((step) => x[step * inputs + i] === 1)
      .map((step) => (step + 1) * dt),
  );
  return { x, trains: spikeSource(trains, { name: 'in' }) };
}

test('a trained model is a circuit with the same spikes, and the circuit that model', async (t) => {
  const [steps, dt] = [80, 1];
  const made = sequential(
    dense(20, 30, { bias: true }),
    lif({ beta: 0.9, vThreshold: 0.4, name: 'hidden', recurrent: 'dense' }),
    dense(30, 10, { delay: { max: 6 } }),
    lif({ tauMem: 15, vThreshold: 0.01, name: 'out', like: 'spikingjelly' }),
  );
  using model = await made.compile({ dt, precision: 'f64', seed: 3 });
  const { x, trains } = spikesOf(steps, 20, dt, 4);
  for (let k = 0; k < 5; k += 1) {
    const batch = { x, shape: [steps, 1, 20], y: Uint8Array.of(1) };
    await model.trainStep(batch, { loss: loss.crossEntropyMembrane(), optimizer: adam({ lr: 0.01 }) });
  }
  const run = await model.run({ x, shape: [steps, 1, 20] }, { record: ['hidden.spikes'] });
  const network = await circuit.fromModel(model, trains);
  const recording = await simulate(network, { duration: (steps + 4) * dt, dt, precision: 'f64', threads: 2 });
  for (const [name, neurons, depth, spikes] of [
    ['hidden', 30, 1, run.recordings['hidden.spikes']!],
    ['out', 10, 2, run.spikes!],
  ] as const) {
    const { times, ids } = recording.of(name);
    const found = new Set(
      Array.from(times, (time, i) => `${Math.round(time / dt) - 1 - depth} ${ids[i]}`).filter(
        (key) => Number(key.split(' ')[0]) < steps,
      ),
    );
    const expected = new Set<string>();
    spikes.forEach((s, i) => {
      if (s !== 0) expected.add(`${Math.floor(i / neurons)} ${i % neurons}`);
    });
    t.true(expected.size > 20, name);
    t.deepEqual([...found].sort(), [...expected].sort(), name);
  }

  // And the way back, biases being currents on the way.
  using plain = await sequential(
    dense(20, 30, { bias: true, initialBias: { kind: 'uniform', low: -0.1, high: 0.1 } }),
    lif({ beta: 0.9, vThreshold: 0.3, name: 'hidden', recurrent: 'dense' }),
    dense(30, 10, { bias: false }),
    lif({ beta: 0.8, vThreshold: 0.2, name: 'out' }),
  ).compile({ dt, precision: 'f64', seed: 5 });
  const before = await plain.run({ x, shape: [steps, 1, 20] });
  using again = await (await circuit.fromModel(plain, trains)).toModel({ dt, precision: 'f64' });
  const after = await again.run({ x, shape: [steps, 1, 20] });
  t.true(before.spikes!.some((s) => s !== 0));
  t.deepEqual(after.spikes, before.spikes);

  const far = circuit(
    connect(trains, sums(5, { name: 'P' }), rule.allToAll(), {
      weight: 1,
      delay: distribution.uniform(1, 9),
    }),
  );
  const error = await failure(() => far.toModel({ dt: 1 }));
  t.is(error?.code, 'unsupported');
});

test('what a spike is worth is in the weights of a circuit; what is no spike is refused', async (t) => {
  const [steps, dt] = [80, 0.5];
  const { x, trains } = spikesOf(steps, 20, dt, 4);
  const grades = Array.from({ length: 30 }, (_, i) => i / 15);
  for (const gradedSpikes of [0.3, grades]) {
    using model = await sequential(
      dense(20, 30),
      lif({ beta: 0.9, vThreshold: 0.4, name: 'hidden', recurrent: 'dense', gradedSpikes }),
      dense(30, 10),
      lif({ beta: 0.8, vThreshold: 0.1, name: 'out' }),
    ).compile({ dt, precision: 'f64', seed: 3 });
    const { spikes } = await model.run({ x, shape: [steps, 1, 20] });
    const network = await circuit.fromModel(model, trains);
    const recording = await simulate(network, { duration: (steps + 2) * dt, dt, precision: 'f64' });
    const { times, ids } = recording.of('out');
    const found = Array.from(times, (time, i) => `${Math.round(time / dt) - 3} ${ids[i]}`);
    const expected = Array.from(spikes!.keys())
      .filter((i) => spikes![i] !== 0)
      .map((i) => `${Math.floor(i / 10)} ${i % 10}`);
    t.true(expected.length > 50);
    t.deepEqual(found.sort(), expected.sort());
  }
  for (const [between, inputs] of [
    [li({ beta: 0.9, name: 'between' }), 30],
    [multiLevelLif({ beta: 0.9, name: 'between' }), 30],
    [spikingLstm({ name: 'between' }), 120],
  ] as const) {
    using model = await sequential(
      dense(20, inputs),
      between,
      dense(30, 10),
      lif({ beta: 0.8, name: 'out' }),
    ).compile({ dt });
    const error = await failure(async () => (await circuit.fromModel(model, trains)).compile({ dt }));
    t.is(error?.code, 'unsupported', error?.message);
    t.regex(error!.message, /between/);
  }
  const graded = population(lif, 3, { name: 'graded', beta: 0.9, gradedSpikes: 2 });
  const targets = population(lif, 3, { beta: 0.9 });
  const one = connect(graded, targets, rule.oneToOne(), { weight: 1, delay: 1 });
  const error = await failure(() => circuit(one).compile());
  t.is(error?.code, 'unsupported');
  t.regex(error!.message, /synapses from graded, whose spikes are worth other than 1/);
});

test('neurons that differ: in a file, set between runs, and as layers of a model', async (t) => {
  const each = Array.from({ length: 40 }, (_, i) => 0.5 + i / 100);
  const P = population(lif, 40, {
    name: 'P',
    beta: 0.9,
    vThreshold: each,
    initial: { v: each.map((x) => x / 2) },
  });
  const { trains } = spikesOf(50, 20, 1, 4);
  const made = circuit(P, connect(trains, P, rule.allToAll(), { weight: 0.1, delay: 1 }));
  const path = await folder((remove) => t.teardown(remove));
  await made.save(join(path, 'n.safetensors'));
  const loaded = await loadCircuit(join(path, 'n.safetensors'));
  const run = (network: typeof made) => simulate(network, { duration: 50, dt: 1, precision: 'f64' });
  const [first, second] = [await run(made), await run(loaded)];
  t.true(first.times.length > 100);
  t.deepEqual(second.ids, first.ids);

  using simulation = await loaded.compile({ dt: 1, precision: 'f64' });
  t.deepEqual([...(await simulation.get('P', 'vThreshold'))], each);
  t.deepEqual(
    [...(await simulation.get('P', 'v'))],
    each.map((x) => x / 2),
  );
  await simulation.set(P.name!, { beta: 0.8 });
  t.deepEqual([...(await simulation.get('P', 'vThreshold'))], each, 'what is not set stays');
  await simulation.set('P', { vThreshold: each.map((x) => 2 * x) });
  t.deepEqual(
    [...(await simulation.get('P', 'vThreshold'))],
    each.map((x) => 2 * x),
  );
  await simulation.set('P', { vThreshold: 3 });
  t.deepEqual(
    [...(await simulation.get('P', 'vThreshold'))],
    each.map(() => 3),
  );
  t.is((await failure(() => simulation.set('P', { vThreshold: [1, 2] })))?.code, 'shape-mismatch');

  const still = circuit(
    connect(trains, population(lif, 40, { beta: 0.9, vThreshold: each }), rule.allToAll(), {
      weight: 0.1,
      delay: 1,
    }),
  );
  using model = await still.toModel({ dt: 1 });
  t.is(model.outputs, 40);
});

test('gap junctions through the public API', async (t) => {
  // Two neurons without a leak share what they have: v approaches the mean, by exp(-2 g t / tau) exactly but for Euler's steps.
  const own = neuron({ state: { v: 0 }, input: 'i', update: "v' = i/10", spike: 'v > 1e9' });
  const P = population(own, 2, { name: 'P', initial: { v: [10, 0] } });
  const pair = gapJunctions(P.slice(0, 1), P.slice(1), rule.allToAll(), { conductance: 0.5 });
  const made = circuit(P, pair, record.traces(P, ['v'], 10));
  for (const network of [made, await saved(t, made)]) {
    const { traces } = await simulate(network, { duration: 10, dt: 0.1, precision: 'f64', threads: 2 });
    const apart = 10 * (1 - (2 * 0.5 * 0.1) / 10) ** 100;
    const [a, b] = traces['P.v']!.values;
    t.true(Math.abs(a! - 5 - apart / 2) < 1e-9 && Math.abs(b! - 5 + apart / 2) < 1e-9, `${a} ${b}`);
  }
  t.throws(() => gapJunctions(P, P, rule.allToAll(), { conductence: 1 } as never), {
    message: /conductance/,
  });
});
