// Large networks through the public API: what they compute, that it does not depend on how, and what is refused.
import { join } from 'node:path';
import test from 'ava';
import {
  type CircuitDescription,
  type CircuitElement,
  circuit,
  circuitOf,
  circuits,
  connect,
  currentSource,
  distribution,
  noise,
  poisson,
  population,
  type Recording,
  record,
  rule,
  simulate,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import {
  hhCondExpTraub,
  hodgkinHuxley,
  iafCondExp,
  iafPscAlpha,
  iafPscExp,
  izhikevich,
  li,
  lif,
  neuron,
} from '../../src-ts/doors/neurons.ts';
import { failure } from '../support/errors.ts';
import { folder } from '../support/program.ts';
import { runAll } from '../vectors/run.ts';

/** Two populations under noise of every kind, wired by several rules, with drawn weights and delays. */
function mixed() {
  const E = population(iafPscExp, 400, {
    name: 'E',
    tauMem: 20,
    iBias: Array.from({ length: 400 }, (_, i) => i / 4),
    initial: { v: distribution.uniform(-70, -55) },
  });
  const I = population(iafCondExp, 130, { name: 'I', vLeak: -60, initial: { v: -65 } });
  const S = spikeSource([[5, 10, 20], [7.5]], { name: 'S' });
  return circuit(
    E,
    I,
    connect(E, E, rule.fixedInDegree(20, { autapses: false }), {
      weight: distribution.normal(30, 5, { min: 0 }),
      delay: distribution.uniform(0.5, 3),
    }),
    connect(E, I, rule.pairwiseBernoulli(0.1), { weight: distribution.logNormal(0, 0.5), delay: 1 }),
    connect(I, E, rule.fixedTotalNumber(3000), { weight: -60, delay: 0.8 }),
    connect(I, I, rule.fixedOutDegree(10), { weight: 2, delay: 0.5, port: 'inhibitory' }),
    connect(S, E, rule.allToAll(), { weight: 100, delay: 1.5 }),
    connect(poisson(8000), E, { weight: 40 }),
    connect(poisson(4000), I, { weight: 1.5 }),
    connect(noise({ mean: 50, sd: 100 }), E),
    connect(currentSource({ times: [30, 60], values: [100, 0] }), I),
    record.spikes(),
    record.traces(E, ['v', 'iE'], 0.5, [0, 3, 399]),
    record.traces(I, ['gI'], 10),
  );
}

function same(t: { deepEqual: (a: unknown, b: unknown) => void }, a: Recording, b: Recording): void {
  t.deepEqual(a.times, b.times);
  t.deepEqual(a.ids, b.ids);
  t.deepEqual(a.traces, b.traces);
  t.deepEqual(a.synapticEvents, b.synapticEvents);
}

test('traces, spikes and the network without random numbers are those of NEST', async (t) => {
  const lines: string[] = [];
  const { passed, failed, skipped } = await runAll('__test__/circuit/fixtures/networks', (line) =>
    lines.push(line),
  );
  t.is(failed, 0, lines.join('\n'));
  t.is(skipped, 0, lines.join('\n'));
  t.is(passed, 13, lines.join('\n'));
});

test('a recording has its form', async (t) => {
  const recording = await simulate(mixed(), { duration: 100, dt: 0.1, seed: 3 });
  t.deepEqual(recording.populations, { E: { first: 0, size: 400 }, I: { first: 400, size: 130 } });
  t.true(recording.times.length > 100);
  t.true(
    recording.times.every(
      (time, i) => time > 0 && time <= 100 && (i === 0 || time >= recording.times[i - 1]!),
    ),
  );
  t.true(recording.ids.every((id) => id < 530));
  t.deepEqual(Object.keys(recording.traces), ['E.v', 'E.iE', 'I.gI']);
  t.is(recording.traces['E.v']!.times.length, 200);
  t.is(recording.traces['E.v']!.times[0], 0.5);
  t.is(recording.traces['E.v']!.values.length, 200 * 3);
  t.is(recording.traces['I.gI']!.values.length, 10 * 130);
  const { E, I } = recording.rates();
  const [ofE, ofI] = [recording.of('E'), recording.of('I')];
  t.is(ofE.times.length + ofI.times.length, recording.times.length);
  t.true(ofI.ids.every((id) => id < 130));
  t.true(Math.abs(E! - ofE.times.length / 400 / 0.1) < 1e-9);
  t.true(Math.abs(I! - ofI.times.length / 130 / 0.1) < 1e-9);
});

for (const precision of ['f32', 'f64'] as const) {
  test(`threads, pieces and a saved state change nothing: ${precision}`, async (t) => {
    const options = { dt: 0.1, seed: 5, precision };
    const whole = await simulate(mixed(), { ...options, duration: 100, threads: 1 });
    t.true(whole.times.length > 100);
    for (const threads of [2, 3]) {
      same(t, await simulate(mixed(), { ...options, duration: 100, threads }), whole);
    }
    t.notDeepEqual((await simulate(mixed(), { ...options, duration: 100, seed: 6 })).times, whole.times);

    using simulation = await mixed().compile({ ...options, threads: 2 });
    const pieces: Recording[] = [];
    for await (const piece of simulation.chunks(70, 33.3)) pieces.push(piece);
    t.deepEqual(
      pieces.map(({ duration }) => Math.round(duration * 10)),
      [333, 333, 34],
    );
    t.is(Math.round(simulation.time), 70);
    const path = join(await folder((remove) => t.teardown(remove)), 'state.safetensors');
    await simulation.saveFile(path);
    const rest = await simulation.run(30);
    const times = [...pieces, rest].flatMap((piece) => Array.from(piece.times));
    t.deepEqual(Float64Array.from(times), whole.times);
    const ids = [...pieces, rest].flatMap((piece) => Array.from(piece.ids));
    t.deepEqual(Uint32Array.from(ids), whole.ids);

    // The same network in other hands, on another number of threads.
    using other = await mixed().compile({ ...options, threads: 1 });
    await other.restore(path);
    t.is(Math.round(other.time), 70);
    same(t, await other.run(30), rest);
  });
}

test('a network is data: its JSON gives the same network', async (t) => {
  const first = mixed();
  const again = circuitOf(JSON.parse(JSON.stringify(first)) as CircuitDescription);
  const options = { duration: 30, dt: 0.1, seed: 1 };
  same(t, await simulate(again, options), await simulate(first, options));
});

test('a neuron of your own does what the built-in one does', async (t) => {
  const own = neuron({
    state: { v: 0 },
    params: { tauMem: 20, vThreshold: 20 },
    update: "v' = (i - v)/tauMem",
    spike: 'v > vThreshold',
    reset: 'v -= vThreshold',
  });
  const run = async (cells: ReturnType<typeof population>) => {
    const drive = [connect(noise({ mean: 25, sd: 30 }), cells), record.traces(cells, ['v'])];
    return simulate(circuit(cells, drive), { duration: 200, dt: 0.5, seed: 2, precision: 'f64' });
  };
  const [a, b] = [
    await run(population(own, 50, { name: 'n' })),
    await run(
      population(lif, 50, {
        name: 'n',
        tauMem: 20,
        vThreshold: 20,
        inputScale: 'one-minus-beta',
        resetTiming: 'same-step',
      }),
    ),
  ];
  t.true(a.times.length > 50);
  t.deepEqual(a.times, b.times);
  t.deepEqual(a.ids, b.ids);
});

test('one neuron alone follows its closed form', async (t) => {
  // A synaptic current of 100 pA that decays with tauE charges the membrane by a difference of exponentials.
  const [c, tauMem, tauE, weight, delay] = [250, 10, 2, 100, 1.2];
  const cell = population(iafPscExp, 1, { name: 'n', c, tauMem, tauE, vLeak: 0, vThreshold: 1000 });
  const { traces } = await simulate(
    circuit(
      connect(spikeSource([[3]]), cell, rule.oneToOne(), { weight, delay }),
      record.traces(cell, ['v']),
    ),
    { duration: 40, dt: 0.1, precision: 'f64' },
  );
  const { times, values } = traces['n.v']!;
  for (const [i, time] of times.entries()) {
    const s = Math.max(0, time - 3 - delay);
    const rate = 1 / tauE - 1 / tauMem;
    const v = (weight / c / rate) * (Math.exp(-s / tauMem) - Math.exp(-s / tauE));
    t.true(Math.abs(values[i]! - v) < 1e-9, `${time} ms: ${values[i]} instead of ${v}`);
  }
});

test('without synapses the conductance-based Hodgkin-Huxley neuron is the other one', async (t) => {
  // A membrane of 20,000 square micrometres: 1 uF/cm2 is 200 pF, 1 uA/cm2 is 200 pA.
  const run = async (cells: ReturnType<typeof population>, current: number) =>
    simulate(circuit(connect(currentSource(current), cells), record.traces(cells, ['v', 'm', 'h', 'n'])), {
      duration: 60,
      dt: 0.02,
      precision: 'f64',
    });
  for (const method of ['exponential-euler', 'rk4'] as const) {
    const theirs = await run(
      population(hodgkinHuxley, 1, { name: 'n', like: 'brian2', method, vInit: -60 }),
      2,
    );
    const ours = await run(population(hhCondExpTraub, 1, { name: 'n', method }), 400);
    t.true(theirs.times.length >= 2);
    t.deepEqual(ours.times, theirs.times);
    for (const state of ['v', 'm', 'h', 'n']) {
      const [a, b] = [ours.traces[`n.${state}`]!.values, theirs.traces[`n.${state}`]!.values];
      t.true(
        a.every((x, i) => Math.abs(x - b[i]!) < 1e-6),
        `${method}: ${state}`,
      );
    }
  }
});

test('rules wire what they say', async (t) => {
  // Each source spikes once at a time of its own; a weight of 1 mV counts the synapses that arrive.
  const n = 40;
  const counts = async (made: ReturnType<typeof rule.allToAll>, self: boolean) => {
    const cells = population(lif, n, { name: 'n', like: 'nest', vLeak: 0, tauMem: 1e9, vThreshold: 1e6 });
    const S = spikeSource(Array.from({ length: n }, (_, i) => [i + 1]));
    const from = self ? cells : S;
    const built = await circuit(
      connect(from, cells, made, { weight: 1, delay: 1 }),
      record.traces(cells, ['v'], n + 2),
    ).compile({
      dt: 1,
      precision: 'f64',
      seed: 9,
    });
    using simulation = built;
    const { traces } = await simulation.run(n + 2);
    return { synapses: simulation.synapses, arrived: Array.from(traces['n.v']!.values, Math.round) };
  };
  const all = await counts(rule.allToAll(), false);
  t.deepEqual([all.synapses, new Set(all.arrived)], [n * n, new Set([n])]);
  t.is((await counts(rule.allToAll({ autapses: false }), true)).synapses, n * (n - 1));
  const one = await counts(rule.oneToOne(), false);
  t.deepEqual([one.synapses, new Set(one.arrived)], [n, new Set([1])]);
  const inward = await counts(rule.fixedInDegree(7), false);
  t.deepEqual([inward.synapses, new Set(inward.arrived)], [7 * n, new Set([7])]);
  const outward = await counts(rule.fixedOutDegree(7), false);
  t.is(outward.synapses, 7 * n);
  t.true(new Set(outward.arrived).size > 1);
  t.is((await counts(rule.fixedTotalNumber(123), false)).synapses, 123);
  const chance = await counts(rule.pairwiseBernoulli(0.25), false);
  t.true(Math.abs(chance.synapses - 400) < 5 * Math.sqrt(300));
  const listed = await counts(rule.list([0, 1, 2, 2], [5, 5, 5, 6]), false);
  t.deepEqual([listed.synapses, listed.arrived[5], listed.arrived[6]], [4, 3, 1]);
});

test('drawn values have their distribution', (t) => {
  const moments = (x: Float64Array) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    return [mean, Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length)] as const;
  };
  const n = 100_000;
  const [mean, sd] = moments(distribution.draw(distribution.normal(3, 2), n, 1));
  t.true(Math.abs(mean - 3) < (5 * 2) / Math.sqrt(n));
  t.true(Math.abs(sd - 2) < (5 * 2) / Math.sqrt(2 * n));
  const clipped = distribution.draw(distribution.normal(0, 1, { min: 0 }), n, 1);
  t.true(clipped.every((x) => x >= 0));
  // The half-normal distribution has the mean sqrt(2 / pi).
  t.true(Math.abs(moments(clipped)[0] - Math.sqrt(2 / Math.PI)) < 0.01);
  const flat = distribution.draw(distribution.uniform(-1, 3), n, 1);
  t.true(Math.abs(moments(flat)[0] - 1) < 0.02 && Math.abs(moments(flat)[1] - 4 / Math.sqrt(12)) < 0.02);
  t.notDeepEqual(distribution.draw(distribution.uniform(-1, 3), 9, 2), flat.slice(0, 9));
});

test('a run can be canceled and gone on with', async (t) => {
  using simulation = await mixed().compile({ dt: 0.1, seed: 5, threads: 2 });
  const controller = new AbortController();
  const error = await failure(() =>
    simulation.run(1e7, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    }),
  );
  t.is(error?.code, 'aborted');
  t.is(error?.name, 'AbortError');
  const { time } = simulation;
  t.true(time > 0 && time < 1e7);
  await simulation.run(10);
  t.true(Math.abs(simulation.time - time - 10) < 1e-6);
});

test('progress is told and reaches its end', async (t) => {
  const progress: number[] = [];
  const onProgress = ({ done, total }: { done: number; total: number }) => {
    t.is(total, 1000);
    progress.push(done);
  };
  await simulate(mixed(), { duration: 100, dt: 0.1, onProgress });
  t.is(progress.at(-1), 1000);
});

test('what is wrong is told before anything is built', async (t) => {
  const E = population(iafPscExp, 10, { name: 'E' });
  const says = async (call: () => unknown, code: string, ...parts: string[]) => {
    const error = await failure(call);
    t.is(error?.code, code as never, String(error));
    for (const part of parts) t.true(error!.message.includes(part), error!.message);
  };
  const run = (...elements: CircuitElement[]) => simulate(circuit(...elements), { duration: 1, dt: 0.1 });
  const synapse = { weight: 1, delay: 1 };

  await says(() => population(iafPscExp, 0), 'invalid-parameter', 'n: expected an integer');
  await says(() => population('iaf-psc-exp' as never, 5, {} as never), 'invalid-parameter', 'model');
  await says(() => population(iafPscExp, 5, { taumem: 1 } as never), 'unknown-name', 'tauMem');
  await says(() => population(lif, 5, { recurrent: 'dense' } as never), 'unknown-name', 'recurrent');
  await says(() => run(population(iafPscExp, 5, { name: 'E', tauMem: -1 })), 'invalid-parameter', 'E.tauMem');
  await says(() => run(population(iafPscExp, 5, { name: 'E', tauMem: [1, 2] })), 'shape-mismatch', 'E');
  await says(
    () => run(population(iafPscExp, 5, { name: 'E', initial: { u: 1 } })),
    'unknown-name',
    'state of E',
  );
  await says(() => run(E, population(iafPscAlpha, 5, { name: 'E' })), 'invalid-parameter', 'a unique name');
  await says(() => circuit('E' as never), 'invalid-parameter', 'network[0]');
  await says(() => connect(E, 'I' as never, rule.allToAll(), synapse), 'invalid-parameter', 'post');
  await says(() => connect(E, E, 'all' as never, synapse), 'invalid-parameter', 'rule');
  await says(() => connect(E, E, rule.allToAll(), {} as never), 'invalid-parameter', 'synapse.weight');
  await says(() => connect(poisson(-1), E, { weight: 1 }), 'invalid-parameter', 'rate');
  await says(() => rule.pairwiseBernoulli(1.5), 'invalid-parameter', 'p: expected');
  await says(() => rule.list([1], [1, 2]), 'invalid-parameter', 'targets');
  await says(() => run(connect(E, E, rule.list([1], [99]), synapse)), 'invalid-parameter', 'connections[0]');
  await says(
    () => run(connect(E, E, rule.fixedInDegree(11, { multapses: false }), synapse)),
    'invalid-parameter',
    'at most 10',
  );
  await says(
    () => run(connect(E, E, rule.allToAll(), { weight: 1, delay: 0.05 })),
    'invalid-parameter',
    'delay',
  );
  await says(
    () => run(connect(E, E, rule.allToAll(), { weight: 1, delay: 1, port: 'exitatory' })),
    'unknown-name',
    'excitatory',
  );
  await says(
    () => run(connect(E, E, rule.allToAll(), { weight: [1, 2], delay: 1 })),
    'invalid-parameter',
    'weight',
  );
  await says(() => run(record.traces(E, ['V'])), 'unknown-name', 'did you mean');
  await says(() => run(record.traces(E, ['v']), record.traces(E, ['v'])), 'invalid-parameter', 'E.v');
  await says(() => simulate(circuit(E), { duration: 0.25, dt: 0.1 }), 'invalid-parameter', 'duration');
  await says(() => simulate(circuit(E), { duration: 1, dt: 0 }), 'invalid-parameter', 'dt');
  await says(() => simulate(circuit(E), { duration: 1, threads: 0 }), 'invalid-parameter', 'threads');
  await says(() => simulate(circuit(E), { duration: 1, thread: 1 } as never), 'unknown-name', 'threads');
  await says(() => circuitOf({ version: 2, populations: [] }), 'invalid-parameter', 'version');
  const large = population(iafPscExp, 3_000_000, { name: 'E' });
  await says(() => run(connect(large, large, rule.allToAll(), synapse)), 'too-large', 'needs');
});

test('a state that leaves the numbers names population, neuron and step', async (t) => {
  const cells = population(izhikevich, 3, { name: 'cells' });
  const drive = connect(currentSource(1e30), cells);
  const error = await failure(() => simulate(circuit(cells, drive), { duration: 100, dt: 1 }));
  t.is(error?.code, 'non-finite');
  t.is((error as { details?: { layer?: string } }).details?.layer, 'cells');
  // 3e38 from the step that begins at 1,500 ms on, 5.7e38 after the next.
  const leaky = population(li as never, 100, { name: 'leaky', beta: 0.9 } as never);
  const late = currentSource({
    times: [1500],
    values: [Array.from({ length: 100 }, (_, i) => (i === 70 ? 3e38 : 0))],
  });
  for (const threads of [1, 2]) {
    const network = circuit(leaky, connect(late, leaky));
    const found = await failure(() => simulate(network, { duration: 4000, dt: 1, threads }));
    t.is(found?.message, 'leaky: v of neuron 70 is not finite at step 1502');
  }
});

test('states, and what is freed', async (t) => {
  const simulation = await mixed().compile({ dt: 0.1 });
  await simulation.run(5);
  const state = await simulation.save();
  t.is(state.step, 50);
  t.deepEqual(
    state.populations.map(({ name }) => name),
    ['E', 'I'],
  );
  t.is(state.populations[0]!.states[0]!.values.length, 400);
  using other = await circuit(population(lif, 3, { tauMem: 10 })).compile({ dt: 0.1 });
  t.is((await failure(() => other.restore(state)))?.code, 'shape-mismatch');
  t.is(
    (await failure(() => other.restore('__test__/circuit/fixtures/networks/README.md')))?.code,
    'malformed-file',
  );
  simulation.dispose();
  simulation.dispose();
  t.is((await failure(() => simulation.run(1)))?.code, 'disposed');
});

test('what synapses learn is read back, saved and restored, and the same on any number of threads', async (t) => {
  const made = circuits.brunelStdp({ scale: 0.05 }).circuit;
  const options = { dt: 0.1, seed: 3 };
  using whole = await made.compile(options);
  const all = await whole.run(60);
  const learned = await whole.plasticSynapses('E', 'E');
  t.is(learned.weights.length, 500 * 1000);
  t.deepEqual(whole.plastic, [['E', 'E']]);
  t.true(learned.delays.every((delay) => Math.abs(delay - 1.5) < 1e-9));
  const [low, high] = [learned.weights, learned.weights].map((weights, i) =>
    weights.reduce((a, b) => (i === 0 ? Math.min(a, b) : Math.max(a, b))),
  );
  t.true(low! >= 0 && high! <= 0.3 && low! < 0.1 && high! > 0.1, `${low} ${high}`);

  using pieces = await made.compile({ ...options, threads: 3 });
  await pieces.run(25);
  const path = join(await folder((remove) => t.teardown(remove)), 'state.safetensors');
  await pieces.saveFile(path);
  using resumed = await made.compile({ ...options, threads: 1 });
  await resumed.restore(path);
  const rest = await resumed.run(35);
  t.deepEqual(rest.ids, all.ids.slice(all.ids.length - rest.ids.length));
  t.deepEqual(await resumed.plasticSynapses('E', 'E'), learned);

  t.is((await failure(() => whole.plasticSynapses('E', 'I')))?.code, 'unknown-name');
  const E = population(lif, 10, { tauMem: 10 });
  t.is(
    (await failure(() => connect(E, E, rule.allToAll(), { weight: 1, delay: 1, model: 'stdp' as never })))
      ?.code,
    'invalid-parameter',
  );
});

test('weights are recorded over time', async (t) => {
  const E = population(lif, 60, { like: 'nest', vLeak: 0, vReset: 0, vThreshold: 20, tauMem: 20, name: 'E' });
  const model = synapse.stdp({ lambda: 0.05, wMax: 1 });
  const learning = connect(E, E, rule.fixedInDegree(20), { weight: 0.4, delay: 1.5, model });
  const drive = connect(poisson(9000), E, { weight: 0.2 });
  const made = circuit(E, drive, learning, record.weights(learning, { every: 40 }));
  using simulation = await made.compile({ seed: 2, precision: 'f64' });
  const { weights } = await simulation.run(120);
  t.is(weights.length, 1);
  const [{ from, to, times, values }] = weights as [(typeof weights)[0]];
  t.deepEqual([from, to, ...times.map(Math.round)], ['E', 'E', 40, 80, 120]);
  t.is(values.length, 3 * 60 * 20);
  const last = await simulation.weights('E', 'E');
  t.deepEqual(values.slice(2 * 60 * 20), last);
  t.deepEqual((await simulation.plasticSynapses('E', 'E')).weights, last);
  t.true(values.some((w, i) => i >= 1200 && w !== values[i - 1200]));
  const next = await simulation.run(50);
  t.deepEqual(next.weights[0]!.times.map(Math.round), Float64Array.of(160));
  t.deepEqual(made.toJSON().record!.weights, [{ connection: 0, every: 40 }]);

  const code = async (elements: () => CircuitElement[]) =>
    (await failure(() => circuit(...elements()).compile({})))?.code;
  const plain = connect(E, E, rule.allToAll(), { weight: 1, delay: 1 });
  t.is(await code(() => [E, plain, record.weights(plain, { every: 1 })]), 'invalid-parameter');
  t.is(await code(() => [E, record.weights(learning, { every: 1 })]), 'invalid-parameter');
  t.is(await code(() => [E, learning, record.weights(learning, { every: 0.25 })]), 'invalid-parameter');
  t.is(await code(() => [E, learning, record.weights(learning, {} as never)]), 'invalid-parameter');
  t.is((await failure(() => simulation.weights('E', 'I')))?.code, 'unknown-name');
});

test('every built-in network builds and fires', async (t) => {
  const small: Record<keyof typeof circuits, number> = {
    brunel: 0.05,
    brunelStdp: 0.05,
    coba: 0.25,
    cobahh: 0.25,
    cuba: 0.25,
    izhikevich: 1,
    microcircuit: 0.02,
  };
  for (const [name, make] of Object.entries(circuits)) {
    const { circuit: made, dt = 0.1 } = make({ scale: small[name as keyof typeof circuits] });
    const { times } = await simulate(made, { duration: 100, dt, seed: 1 });
    t.true(times.length > 20, `${name}: ${times.length} spikes`);
  }
});
