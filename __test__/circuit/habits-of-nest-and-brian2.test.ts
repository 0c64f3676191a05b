// What users of NEST and Brian2 bring along: synapses that jump, Poisson neurons, weights that are set, trains of a recording.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import * as analysis from '../../src-ts/doors/analysis.ts';
import {
  circuit,
  connect,
  distribution,
  population,
  record,
  rule,
  simulate,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafCondExp, iafPscExp, neuron } from '../../src-ts/doors/neurons.ts';
import { failure } from '../support/errors.ts';

const f64 = { precision: 'f64', dt: 0.1 } as const;
const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);

const brian2 = JSON.parse(await readFile('__test__/circuit/fixtures/brian2/programs.json', 'utf8'));

test('conductances onto Hodgkin–Huxley cells jump as in Brian2', async (t) => {
  const cell = neuron({
    input: ['e', 'i'],
    state: { v: -60, m: 0, n: 0, h: 0, ge: 0, gi: 0 },
    update: `
      v' = (10*(-60 - v) + ge*(0 - v) + gi*(-80 - v) - 20000*m^3*h*(v - 50) - 6000*n^4*(v + 90))/200
      m' = 0.32*4/exprel((13 - v - 63)/4)*(1 - m) - 0.28*5/exprel((v + 63 - 40)/5)*m
      n' = 0.032*5/exprel((15 - v - 63)/5)*(1 - n) - 0.5*exp((10 - v - 63)/40)*n
      h' = 0.128*exp((17 - v - 63)/18)*(1 - h) - 4/(1 + exp((40 - v - 63)/5))*h
      ge' = -ge/5
      gi' = -gi/10`,
    arrival: 'ge += e; gi += i',
    spike: 'v > -20',
    refractory: { period: 2.9, hold: [] }, // Brian2's 3 ms are a step shorter
    method: 'exponential-euler',
  });
  const { excite, inhibit, spikes, ...states } = brian2.cobahh;
  const cells = population(cell, 2, { name: 'cells' });
  const first = cells.slice(0, 1);
  const all = rule.allToAll();
  const { traces, times, ids } = await simulate(
    circuit(
      connect(spikeSource([excite]), first, all, { port: 'e', weight: 12, delay: 0.1 }),
      connect(spikeSource([inhibit]), first, all, { port: 'i', weight: 67, delay: 0.1 }),
      connect(first, cells.slice(1), all, { port: 'e', weight: 60, delay: 2 }),
      record.spikes(cells),
      record.traces(cells, ['v', 'ge', 'h'], 1),
    ),
    { ...f64, duration: 119 },
  );
  for (const [name, [a, b]] of Object.entries<[number[], number[]]>(states)) {
    const expected = a.flatMap((x, i) => [x, b[i]!]);
    const { values } = traces[`cells.${name}`]!;
    t.is(expected.length, values.length);
    t.true(farthest(values, expected) < 1e-9, `${name}: ${farthest(values, expected)}`);
  }
  const of = (id: number) =>
    Array.from(
      times.filter((_, i) => ids[i] === id),
      (x) => (x - 0.1).toFixed(1),
    );
  t.deepEqual(
    [of(0), of(1)],
    spikes.map((train: number[]) => train.map((x) => x.toFixed(1))),
  );
  t.true(spikes[0].length > 10 && spikes[1].length > 15);
});

test('a relay is the delay of an axon: the synapse of Brian2’s documentation', async (t) => {
  const { pre, post, w } = brian2.stdp;
  const relay = neuron({ state: { v: 0 }, update: 'v = i', spike: 'v > 0.5' });
  const all = rule.allToAll();
  const model = synapse.rule({
    params: { wMin: 0, wMax: 0.01 },
    traces: { x: { of: 'pre', tau: 20 }, y: { of: 'post', tau: 20 } },
    pre: 'w -= 0.000525*y',
    post: 'w += 0.0005*x',
    coincidence: 'pre-first',
  });
  const target = population(relay, 1, { name: 'target' });
  const fire = connect(spikeSource([post]), target, all, { weight: 1, delay: 0.1 });
  const learning = pre.map((train: number[], i: number) => {
    const axon = population(relay, 1, { name: `axon${i}` });
    // The target's spikes come 0.1 ms late by their relay and 0.1 ms by the dendrite.
    const source = connect(spikeSource([train]), axon, all, { weight: 1, delay: [0, 4][i]! + 0.2 });
    const plastic = connect(axon, target, all, { weight: [0.004, 0.006][i]!, delay: 0.1, model });
    return [source, plastic, record.weights(plastic, { every: 0.5 })];
  });
  const { weights } = await simulate(circuit(fire, learning.flat()), { ...f64, duration: 500 });
  for (const [i, { times, values }] of weights.entries()) {
    const read = Array.from(values).filter(
      (_, k) => Math.abs((times[k]! % 10) - 0.5) < 1e-6 && times[k]! > 10,
    );
    t.is(read.length, w[i].length);
    t.true(farthest(read, w[i]) < 1e-12, `${farthest(read, w[i])}`);
    t.true(Math.max(...read) - Math.min(...read) > 0.001);
  }
});

/** NEST's iaf_psc_exp_multisynapse: currents with time constants of their own. */
const multisynapse = neuron({
  name: 'multisynapse',
  input: [
    { name: 'fast', unit: 'pA' },
    { name: 'slow', unit: 'pA' },
    { name: 'slower', unit: 'pA' },
  ],
  state: { v: '-70 mV', i1: '0 pA', i2: '0 pA', i3: '0 pA' },
  params: {
    tauMem: '10 ms',
    c: '250 pF',
    vLeak: '-70 mV',
    vThreshold: '-55 mV',
    vReset: '-70 mV',
    tau1: '2 ms',
    tau2: '20 ms',
    tau3: '100 ms',
  },
  update: `
    v' = (vLeak - v)/tauMem + (i1 + i2 + i3)/c
    i1' = -i1/tau1
    i2' = -i2/tau2
    i3' = -i3/tau3`,
  arrival: 'i1 += fast; i2 += slow; i3 += slower',
  spike: 'v >= vThreshold',
  reset: 'v = vReset',
  refractory: 2,
});

test('currents of several time constants are sums of their exponentials', async (t) => {
  t.is(multisynapse.method, 'exact');
  const cells = population(multisynapse, 3, { name: 'cells', vThreshold: 1000 });
  const arrivals = [
    { port: 'fast', tau: 2, weight: 120, delay: 1.3, times: [1, 4, 4.7, 20] },
    { port: 'slow', tau: 20, weight: -45, delay: 0.1, times: [2, 2.1, 30] },
    { port: 'slower', tau: 100, weight: 15, delay: 7.9, times: [3, 11] },
  ];
  const connections = arrivals.map(({ port, weight, delay, times }) =>
    connect(spikeSource([times]), cells.slice(1), rule.allToAll(), { port, weight, delay }),
  );
  const { traces } = await simulate(circuit(cells, connections, record.traces(cells, ['v'])), {
    ...f64,
    duration: 60,
  });
  const closed = (at: number) =>
    arrivals.reduce((v, { tau, weight, delay, times }) => {
      const response = (s: number) =>
        s < 0 ? 0 : ((weight / 250) * 10 * tau * (Math.exp(-s / tau) - Math.exp(-s / 10))) / (tau - 10);
      return times.reduce((v, time) => v + response(at - time - delay), v);
    }, -70);
  const { times, values } = traces['cells.v']!;
  const worst = times.reduce((worst, at, i) => Math.max(worst, Math.abs(values[3 * i + 2]! - closed(at))), 0);
  t.true(worst < 1e-11, `${worst}`);
  t.true(values.every((v, i) => i % 3 > 0 || v === -70));
});

test('iafPscExp in equations, with jumps, fires and rests as the built-in one', async (t) => {
  const text = neuron({
    input: ['excitatory', 'inhibitory'],
    state: { v: -70, iE: 0, iI: 0 },
    params: { iBias: 0 },
    update: `
      v' = (-70 - v)/10 + (iE + iI + iBias)/250
      iE' = -iE/2
      iI' = -iI/2`,
    arrival: 'iE += excitatory; iI -= inhibitory',
    spike: 'v >= -55',
    reset: 'v = -70',
    refractory: 2,
  });
  const made = ([model, name]: readonly [typeof text | typeof iafPscExp, string]) => {
    const bias = Float64Array.from({ length: 80 }, (_, i) => 380 + 2 * i);
    const cells = population(model as typeof iafPscExp, 80, { name, iBias: bias });
    const synapses = [40, -130].map((weight, i) =>
      connect(cells.slice(40 * i, 40 * i + 40), cells, rule.fixedInDegree(9), { weight, delay: 1.5 + i }),
    );
    return circuit(cells, synapses, record.spikes(), record.traces(cells, ['v', 'iE'], 0.5));
  };
  const [own, builtIn] = await Promise.all(
    (
      [
        [text, 'a'],
        [iafPscExp, 'b'],
      ] as const
    ).map((of) => simulate(made(of), { ...f64, duration: 300 })),
  );
  t.true(own!.times.length > 500);
  t.deepEqual([own!.times, own!.ids], [builtIn!.times, builtIn!.ids]);
  t.true(farthest(own!.traces['a.v']!.values, builtIn!.traces['b.v']!.values) < 1e-10);
  t.true(farthest(own!.traces['a.iE']!.values, builtIn!.traces['b.iE']!.values) < 1e-10);
});

test('jumps of the membrane are lost while it rests, those of other states are not', async (t) => {
  const cell = neuron({
    state: { v: 0, heard: 0 },
    update: "v' = -v/20; heard' = 0",
    arrival: 'v += i; heard += i',
    spike: 'v > 2.5',
    reset: 'v = 0',
    refractory: 1,
    method: 'rk4',
  });
  const cells = population(cell, 1, { name: 'cells' });
  const source = spikeSource([[1, 1.5, 2.9]]);
  const made = circuit(
    cells,
    connect(source, cells, rule.allToAll(), { weight: 3, delay: 0.1 }),
    record.spikes(cells),
    record.traces(cells, ['v', 'heard']),
  );
  const { times, traces } = await simulate(made, { ...f64, duration: 5 });
  // At 1.1 a spike; at 1.6 it rests; at 3.0 another.
  t.deepEqual(
    Array.from(times, (time) => time.toFixed(1)),
    ['1.1', '3.0'],
  );
  t.is(traces['cells.heard']!.values.at(-1), 9);
  t.is(traces['cells.v']!.values[15], 0);
});

test('what arrives must fit its units and its states', async (t) => {
  const define = (arrival: string) => () =>
    neuron({
      state: { v: '-70 mV', g: '0 nS' },
      input: { name: 'x', unit: 'nS' },
      update: "v' = -v/(10*ms); g' = -g/(5*ms)",
      arrival,
      spike: 'v > -50*mV',
      reset: 'v = -70*mV',
    });
  t.notThrows(define('g += 2*x'));
  for (const [arrival, column] of [
    ['v += x', 6],
    ['g += x; h += x', 9],
    ["g' = x/(1*ms)", 1],
    ['g += xi', 6],
  ] as const) {
    t.like(await failure(define(arrival)), { code: 'equation', line: 1, column });
  }
});

/** As docs/guides/from-nest-and-brian2.md has it. */
const poissonGroup = neuron({
  state: { u: 1 },
  params: { rate: 10 }, // Hz
  update: 'u = exp(-(xi_a^2 + xi_b^2)/2)',
  spike: 'u < rate*dt/1000',
});

test('Poisson neurons fire at rates of their own, independently, at others after they are set', async (t) => {
  const rate = Float64Array.from({ length: 600 }, (_, i) => [5, 50, 200][i % 3]!);
  const group = population(poissonGroup, 600, { name: 'group', rate });
  using simulation = await circuit(group).compile({ dt: 0.1, seed: 4 });
  for (const factor of [1, 3]) {
    await simulation.set(group, { rate: rate.map((x) => factor * x) });
    const trains = (await simulation.run(4000)).of('group');
    const found = await analysis.rates(trains);
    for (const [k, hz] of [5, 50, 200].entries()) {
      const own = found.filter((_, i) => i % 3 === k);
      const mean = own.reduce((sum, x) => sum + x, 0) / own.length;
      const sd = Math.sqrt((factor * hz) / 4 / own.length);
      t.true(Math.abs(mean - factor * hz) < 4 * sd, `${mean} Hz for ${factor * hz}`);
    }
    const { values } = await analysis.correlation(analysis.select(trains, [1, 2, 4, 5, 7, 8]), { bin: 5 });
    t.true(values.every((r, i) => i % 7 === 0 || Math.abs(r) < 0.15)); // sd 0.035
  }
});

test('a recording gives trains to analyze, from the start of its run to its end', async (t) => {
  const cells = population(iafPscExp, 4, { name: 'cells', iBias: [0, 500, 600, 700] });
  const still = population(iafPscExp, 2, { name: 'still' });
  using simulation = await circuit(still, cells).compile({ dt: 0.1 });
  await simulation.run(100.3);
  // Asked for at once: each is what its own run was.
  const [first, second] = await Promise.all([simulation.run(200), simulation.run(50)]);
  t.deepEqual(
    [first!.start, first!.stop].map((x) => +x.toFixed(6)),
    [100.3, 300.3],
  );
  t.deepEqual(
    [second!.start, second!.stop].map((x) => +x.toFixed(6)),
    [300.3, 350.3],
  );
  const trains = first!.of('cells');
  t.is(trains.neurons, 4);
  const rates = await analysis.rates(trains);
  const counted = [0, 1, 2, 3].map((id) => trains.ids.filter((x) => x === id).length / 0.2);
  t.true(counted[3]! > counted[1]! && counted[1]! > 0);
  t.true(farthest(rates, counted) < 1e-9);
});

test('weights that are set are those that arrive, of synapses that learn and of a rule that does nothing', async (t) => {
  for (const model of [synapse.rule({}), synapse.stdp({ wMax: 400 })]) {
    const source = spikeSource(
      [
        [1, 30],
        [1, 30],
      ],
      { name: 'source' },
    );
    const cells = population(iafCondExp, 70, { name: 'cells', vThreshold: 1000 });
    const made = circuit(
      source,
      cells,
      connect(source, cells, rule.allToAll(), { weight: 300, delay: 2, model }),
    );
    using simulation = await made.compile(f64);
    await simulation.run(10);
    const expected = Float64Array.from({ length: 140 }, (_, i) => i);
    await simulation.setWeights(source, 'cells', expected);
    t.deepEqual(await simulation.weights('source', cells), expected);
    await simulation.run(21.9);
    const before = await simulation.get('cells', 'gE');
    await simulation.run(0.1);
    const after = await simulation.get('cells', 'gE');
    // Synapses are in the order of targets: neuron n has 2n and 2n + 1, and in ten ms nothing was learned.
    const jumps = after.map((g, n) => g - before[n]! * Math.exp(-0.1 / 5) - (4 * n + 1));
    t.true(jumps.every((x) => Math.abs(x) < 1e-9));
    await simulation.setWeights('source', 'cells', 7);
    t.true((await simulation.weights('source', 'cells')).every((w) => w === 7));
  }
});

test('weights that are set to what they are change nothing, with spikes under way', async (t) => {
  const made = () => {
    const S = spikeSource(
      Array.from({ length: 20 }, (_, k) =>
        Array.from({ length: 60 }, (_, i) => 1 + k * 0.3 + 3.1 * i).map((x) => Math.round(10 * x) / 10),
      ),
      { name: 'S' },
    );
    const E = population(iafPscExp, 90, { name: 'E' });
    const model = synapse.stdp({ lambda: 0.05, wMax: 200 });
    const delay = distribution.uniform(0.5, 12);
    return circuit(S, E, connect(S, E, rule.allToAll(), { weight: 90, delay, model }), record.spikes(E));
  };
  const ends: unknown[] = [];
  for (const [threads, sets] of [
    [1, false],
    [1, true],
    [2, true],
  ] as const) {
    using simulation = await made().compile({ ...f64, seed: 2, threads });
    const spikes: number[] = [];
    for (let piece = 0; piece < 6; piece++) {
      spikes.push(...(await simulation.run(31.7)).times);
      if (sets) await simulation.setWeights('S', 'E', await simulation.weights('S', 'E'));
    }
    t.true(spikes.length > 500);
    ends.push([spikes, await simulation.weights('S', 'E')]);
  }
  t.deepEqual(ends[1], ends[0]);
  t.deepEqual(ends[2], ends[0]);
});

test('weights that are set and what is under way add up', async (t) => {
  // A pair at 10 and 12 ms raises the weight; it is set at 11.5, when the source's spike has been and has not arrived.
  const source = spikeSource([[10, 40]], { name: 'source' });
  const target = spikeSource([[9.2]]);
  const cell = population(iafPscExp, 1, { name: 'cell', tauRef: 100 });
  const model = synapse.rule({
    params: { wMin: 0, wMax: 1000 },
    traces: { x: { of: 'pre', tau: 20 }, y: { of: 'post', tau: 20 } },
    pre: 'w -= 3 * y',
    post: 'w += 5 * x',
  });
  const made = circuit(
    source,
    cell,
    connect(target, cell, rule.allToAll(), { weight: 1e5, delay: 0.1 }),
    connect(source, cell, rule.allToAll(), { weight: 100, delay: 2, model }),
    record.spikes(cell),
  );
  using simulation = await made.compile(f64);
  const [fired] = (await simulation.run(11.5)).times;
  // The target's spike is at the synapse 2 ms later than it was.
  const seen = fired! + 2;
  t.true(seen > 10 && seen < 11.5);
  const rise = 5 * Math.exp(-(seen - 10) / 20);
  t.true(Math.abs((await simulation.weights(source, cell))[0]! - (100 + rise)) < 1e-9);
  await simulation.setWeights(source, cell, [250]);
  t.true(Math.abs((await simulation.weights(source, cell))[0]! - 250) < 1e-9);
  await simulation.run(10);
  t.true(Math.abs((await simulation.weights(source, cell))[0]! - 250) < 1e-9);
});

test('variables that only rest are parameters of each synapse: depression with a share and a recovery of its own', async (t) => {
  // Tsodyks and Markram's depression, written so that all of it may differ from synapse to synapse.
  const depressing = synapse.rule({
    variables: { share: 0.5, recovery: 800, x: 1, sent: 0 },
    pre: 'x = 1 - (1 - x)*exp(-elapsed/recovery); sent = share*x; x -= sent',
    transmit: 'w*sent',
  });
  const times = [10, 25, 30, 70, 71];
  const source = spikeSource([times], { name: 'source' });
  const count = 130;
  const cells = population(iafPscExp, count, { name: 'cells', vThreshold: 1000 });
  const made = circuit(
    source,
    cells,
    connect(source, cells, rule.allToAll(), { weight: 100, delay: 1.5, model: depressing }),
  );
  using simulation = await made.compile(f64);
  const share = distribution.draw(distribution.uniform(0.1, 0.9), count, 1);
  const recovery = distribution.draw(distribution.normal(300, 100, { min: 20 }), count, 2);
  await simulation.setVariables(source, cells, { share, recovery });
  t.deepEqual((await simulation.plasticSynapses(source, cells)).variables.share, share);
  await simulation.run(100);
  const found = await simulation.get('cells', 'iE');
  for (let n = 0; n < count; n++) {
    let [x, last, current] = [1, 0, 0];
    for (const time of times) {
      x = 1 - (1 - x) * Math.exp(-(time - last) / recovery[n]!);
      current += 100 * share[n]! * x * Math.exp(-(100 - time - 1.5) / 2);
      x -= share[n]! * x;
      last = time;
    }
    t.true(Math.abs(current - found[n]!) < 1e-9);
  }
  const error = await t.throwsAsync(simulation.setVariables(source, cells, { shares: 1 }));
  t.regex(error!.message, /shares.*share/);
});

test('an eligibility that is set to 0 begins anew', async (t) => {
  const S = spikeSource([[5, 40]], { name: 'S' });
  const D = spikeSource([[60]], { name: 'D' });
  const E = population(iafPscExp, 1, { name: 'E', tauRef: 100 });
  const model = synapse.rewardStdp({ wMax: 1000, aPlus: 10 });
  const kick = spikeSource([[8]]);
  const made = circuit(
    S,
    D,
    E,
    connect(kick, E, rule.allToAll(), { weight: 1e5, delay: 0.1 }),
    connect(S, E, rule.allToAll(), { weight: 100, delay: 0.1, model, modulator: D }),
  );
  for (const forget of [false, true]) {
    using simulation = await made.compile(f64);
    await simulation.run(20);
    const { variables } = await simulation.plasticSynapses(S, E);
    t.true(variables.c![0]! > 5);
    if (forget) await simulation.setVariables(S, E, { c: 0 });
    await simulation.run(100);
    const [w] = await simulation.weights(S, E);
    // Of what was potentiated at 8 ms nothing is left then, and the source's second spike depresses.
    t.true(forget ? w! < 100 : w! > 100.5, `${w}`);
  }
});

test('weights that cannot be set are refused, and nothing is changed', async (t) => {
  const E = population(iafPscExp, 3, { name: 'E' });
  const all = rule.allToAll();
  const inhibits = { weight: -5, delay: 1, model: synapse.inhibitoryStdp({ wMax: 10 }) };
  using simulation = await circuit(
    E,
    connect(E, E.slice(0, 1), all, inhibits),
    connect(E, E.slice(1), all, { weight: -2, delay: 1, model: synapse.rule({}) }),
  ).compile({ precision: 'f64' });
  const before = await simulation.weights(E, E);
  t.deepEqual(Array.from(before), [-5, -5, -5, -2, -2, -2, -2, -2, -2]);
  const refused = async (weights: never, code: string, text: RegExp) => {
    const error = await t.throwsAsync(simulation.setWeights(E, E, weights));
    t.is((error as { code?: string }).code, code);
    t.regex(error!.message, text);
    t.deepEqual(await simulation.weights(E, E), before);
  };
  await refused([1, 2] as never, 'shape-mismatch', /weights.*\[9\].*\[2\]/);
  await refused(
    [-5, -5, -11, -2, -2, -2, -2, -2, -2] as never,
    'invalid-parameter',
    /weights\[2\].*bounds of the rule/,
  );
  await refused([-1, -1, -1, -2, -2, 1, -2, -2, -2] as never, 'invalid-parameter', /weights\[5\].*sign/);
  await refused(
    [-1, -1, -1, -2, -2, -2049, -2, -2, -2] as never,
    'invalid-parameter',
    /weights\[5\].*at most 2048, 1024 times the largest/,
  );
  await refused([-1, -1, '1'] as never, 'invalid-parameter', /weights\[2\]/);
  await refused(
    Float64Array.of(-1, -1, Number.NaN, -2, -2, -2, -2, -2, -2) as never,
    'invalid-parameter',
    /weights\[2\]/,
  );
  await refused('heavy' as never, 'invalid-parameter', /weights/);
  await simulation.setWeights('E', E, [-1, -10, 0, -2, -1, -0.5, 0, -2, -2]);
  t.deepEqual(Array.from(await simulation.weights(E, E)), [-1, -10, 0, -2, -1, -0.5, 0, -2, -2]);
});
