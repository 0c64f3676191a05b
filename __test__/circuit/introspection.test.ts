// What a simulation tells of itself: synapses that learn, rates of what was recorded, and which names it takes.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  circuit,
  circuitOf,
  connect,
  population,
  record,
  rule,
  type SynapseModel,
  simulate,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { writeTensors } from '../../src-ts/doors/files.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';
import { failure } from '../support/errors.ts';

const learning: { weight: number; delay: number; model: SynapseModel } = {
  weight: 1,
  delay: 1,
  model: synapse.stdp({ wMax: 2 }),
};

test('sources of synapses that learn are counted in their populations, whatever slice they come from', async (t) => {
  const E = population(iafPscExp, 12, { name: 'E' });
  const S = spikeSource([[1], [2], [3], [4]], { name: 'S' });
  const growth = { curve: 'linear', rate: 0, epsilon: 1 } as const;
  const structural = { axonal: growth, dendritic: growth, interval: 100 };
  const T = population(iafPscExp, 3, { name: 'T' });
  const network = circuit(
    E,
    S,
    connect(E.slice(4, 6), E.slice(7, 9), rule.allToAll(), learning),
    connect(E.slice(0, 2), E.slice(7, 8), rule.allToAll(), learning),
    connect(S.slice(2), E.slice(1, 2), rule.allToAll(), learning),
    connect(E.slice(5, 8), T, rule.oneToOne(), { weight: 1, delay: 1, structural }),
  );
  using simulation = await network.compile();
  const pairs = async (from: string, to: string) => {
    const { sources, targets } = await simulation.plasticSynapses(from, to);
    return Array.from(sources, (source, i) => [source, targets[i]]);
  };
  t.deepEqual(await pairs('E', 'E'), [
    [4, 7],
    [5, 7],
    [4, 8],
    [5, 8],
    [0, 7],
    [1, 7],
  ]);
  t.deepEqual(await pairs('S', 'E'), [
    [2, 1],
    [3, 1],
  ]);
  t.deepEqual(await pairs('E', 'T'), [
    [5, 0],
    [6, 1],
    [7, 2],
  ]);
});

test('rates are those of the neurons that are recorded', async (t) => {
  const driven = { iBias: 500 };
  const E = population(iafPscExp, 100, { name: 'E', ...driven });
  const I = population(iafPscExp, 50, { name: 'I', ...driven });
  const rates = async (...recorders: ReturnType<typeof record.spikes>[]) => {
    const run = await simulate(circuit(E, I, ...recorders), { duration: 1000 });
    // All neurons do the same: how often the first one recorded fires is the rate.
    const first = run.ids[0]!;
    return { rates: run.rates(), expected: run.ids.filter((id) => id === first).length, of: run.recorded };
  };
  const all = await rates();
  t.true(all.expected > 20);
  const rate = all.expected;
  t.deepEqual(all.rates, { E: rate, I: rate });
  t.deepEqual((await rates(record.spikes(E))).rates, { E: rate });
  const { rates: some, of } = await rates(record.spikes(E.slice(0, 10), E.slice(5, 20), I.slice(48)));
  t.deepEqual(some, { E: rate, I: rate });
  t.deepEqual(of, { E: 20, I: 2 });
});

test('populations are taken as well as their names', async (t) => {
  const E = population(iafPscExp, 4, { name: 'E' });
  const S = spikeSource([[1], [2]], { name: 'S' });
  const growth = { curve: 'linear', rate: 0, epsilon: 1 } as const;
  const structural = { axonal: growth, dendritic: growth, interval: 100 };
  const network = circuit(
    connect(S, E, rule.allToAll(), learning),
    connect(E, E, rule.allToAll(), { weight: 1, delay: 1, structural }),
  );
  using simulation = await network.compile();
  t.deepEqual(await simulation.plasticSynapses(S, E), await simulation.plasticSynapses('S', 'E'));
  t.deepEqual(await simulation.weights(S, 'E'), await simulation.weights('S', 'E'));
  t.deepEqual(await simulation.synapticElements(E, E), await simulation.synapticElements('E', 'E'));

  const refused = async (from: unknown, to: unknown) => {
    const error = await failure(() => simulation.weights(from as string, to as string));
    return `${error?.code}: ${error?.message}`;
  };
  const others = population(iafPscExp, 4, { name: 'E' });
  for (const [from, name] of [
    [others, 'from'],
    [S.slice(1), 'from'],
    [Symbol('S'), 'from'],
    [null, 'from'],
    [3, 'from'],
  ] as const) {
    t.regex(await refused(from, E), new RegExp(`^invalid-parameter: ${name}: expected a whole population`));
  }
  t.regex(await refused('S', Symbol('E')), /^invalid-parameter: to: expected a whole population/);
  t.regex(await refused('S', 'I'), /^unknown-name: unknown plastic connection "S to I"/);
  t.is((await failure(() => simulation.synapticElements(S, E)))?.code, 'unknown-name');
  const run = await simulation.run(1);
  simulation.dispose();
  t.is((await failure(() => simulation.synapticElements(S, E)))?.code, 'disposed');
  t.throws(() => run.of(Symbol('E') as never), { code: 'invalid-parameter', message: /^neurons/ });
});

test('what is no number is not taken for one', async (t) => {
  const E = population(iafPscExp, 2, { name: 'E', iBias: 1 });
  using simulation = await circuit(E).compile();
  for (const wrong of [null, '5', true, [3], undefined, Number.NaN, {}, Symbol('5'), 5n]) {
    const error = await failure(() => simulation.set(E, { iBias: [2, wrong] as number[] }));
    t.is(error?.code, 'invalid-parameter', typeof wrong);
    t.regex(error!.message, /^values\.iBias\[1\]: expected a finite number/);
  }
  const hole: number[] = [2];
  hole.length = 2;
  t.is((await failure(() => simulation.set(E, { iBias: hole })))?.code, 'invalid-parameter');
  t.deepEqual(await simulation.get(E, 'iBias'), new Float64Array([1, 1]));
});

test('a path is a string or a file: URL', async (t) => {
  using simulation = await circuit(population(iafPscExp, 2, { name: 'E' })).compile();
  for (const wrong of [undefined, null, 3, '', {}, [], Symbol('path')]) {
    const error = await failure(() => simulation.saveFile(wrong as string));
    t.is(error?.code, 'invalid-parameter');
    t.regex(error!.message, /^target: expected a (path|string)/);
  }
});

test('a description that JSON has no word for is refused by name', async (t) => {
  const base = { version: 1, populations: [{ name: 'E', size: 3, neuron: { model: 'iaf-psc-exp' } }] };
  const refused = async (description: object) => {
    const { code, message } = (await failure(() => circuitOf(description as never).compile()))!;
    return `${code}: ${message}`;
  };
  for (const value of [() => 1, Symbol('a'), new Map(), 'x']) {
    t.regex(
      await refused({ ...base, sources: value }),
      /^invalid-parameter: circuit.sources: expected a list/,
    );
    for (const kind of ['spikes', 'traces', 'weights']) {
      const text = await refused({ ...base, record: { [kind]: value } });
      t.regex(text, new RegExp(`^invalid-parameter: circuit.record.${kind}: expected a list`));
    }
  }
  const large = { ...base, populations: [{ ...base.populations[0]!, size: 3n }] };
  t.regex(await refused(large), /^invalid-parameter: network: size: expected a number but got 3/);
  t.throws(() => circuitOf(large as never).toJSON(), { code: 'invalid-parameter' });
  t.is(
    (await failure(() => circuitOf(large as never).save('/tmp/never.safetensors')))?.code,
    'invalid-parameter',
  );
});

test('pairs of pairwiseBernoulli get no second synapse where multapses are forbidden', async (t) => {
  const E = population(iafPscExp, 40, { name: 'E' });
  const growth = { curve: 'linear', rate: 0.1, epsilon: 1 } as const;
  const structural = { axonal: growth, dendritic: growth, interval: 10 };
  for (const multapses of [true, false]) {
    const onto = connect(E, E, rule.pairwiseBernoulli(0.1, { multapses }), {
      weight: 1,
      delay: 1,
      structural,
    });
    using simulation = await circuit(E, onto).compile();
    await simulation.run(300);
    const { sources, targets } = await simulation.plasticSynapses(E, E);
    const pairs = Array.from(sources, (source, i) => `${source} ${targets[i]}`);
    t.true(pairs.length > 800);
    t.is(new Set(pairs).size === pairs.length, !multapses);
  }
});

test('states that are none are refused', async (t) => {
  const E = population(iafPscExp, 20, { name: 'E', iBias: 600 });
  const onto = connect(E, E, rule.fixedInDegree(4), { ...learning, delay: 3 });
  using simulation = await circuit(E, onto).compile();
  await simulation.run(30);
  let state = await simulation.save();
  while (state.inFlightIds.length < 2) {
    await simulation.run(1);
    state = await simulation.save();
  }
  const refused = async (changed: object) => {
    const error = await failure(() => simulation.restore({ ...state, ...changed }));
    return `${error?.code}: ${error?.message}`;
  };
  const plastic = new Uint8Array(state.plastic.length + 3);
  plastic.set(state.plastic);
  t.regex(await refused({ plastic }), /^malformed-file: .*the state has 3 extra bytes/);
  const [inFlightSteps, inFlightIds] = [state.inFlightSteps.slice(), state.inFlightIds.slice()];
  inFlightSteps[1] = inFlightSteps[0]!;
  inFlightIds[1] = inFlightIds[0]!;
  t.regex(
    await refused({ inFlightSteps, inFlightIds }),
    /^invalid-parameter: state.inFlight\[1\]: expected .*each spike once but got step \d+ and source \d+/,
  );
  // Weights are from 0 to 2; the first of 80, after their name and number, is written as 5.
  const changed = state.plastic.slice();
  const name = changed.findIndex((x, i) => x === 1 && changed[i + 1] === 119 && changed[i + 2] === 80);
  t.true(name > 0);
  new DataView(changed.buffer).setFloat64(name + 3, 5, true);
  t.regex(
    await refused({ plastic: changed }),
    /^invalid-parameter: state.plastic\[0\].w\[0\]: expected a weight from 0 to 2, the bounds of the rule but got 5/,
  );
  t.is(await refused({}), 'undefined: undefined');
});

test('files that only say that they are states are refused', async (t) => {
  using simulation = await circuit(population(iafPscExp, 2, { name: 'E' })).compile();
  const path = join(mkdtempSync(join(tmpdir(), 'state-')), 'e.safetensors');
  const nothing = new Float64Array(0);
  const tensors = {
    'inFlight.steps': nothing,
    'inFlight.ids': new Uint32Array(0),
    plastic: new Uint8Array(0),
  };
  for (const populations of ['null', '5', '{}', '[5]', '[null]', '[["E"]]', '[["E", 5]]', '[[1, ["v"]]]']) {
    const metadata = { format: 'lapicque simulation state 1', step: '0', dt: '0.1', populations };
    await writeTensors(path, tensors, { metadata });
    const error = await failure(() => simulation.restore(path));
    t.is(error?.code, 'malformed-file', populations);
    t.regex(error!.message, /does not name populations and their states/);
  }
});

test('a state goes on in the time step that its steps have', async (t) => {
  const still = circuit(population(iafPscExp, 3, { name: 'E' }));
  const file = join(mkdtempSync(join(tmpdir(), 'lapicque-')), 'state.safetensors');
  using fine = await still.compile({ dt: 0.1 });
  await fine.run(10);
  await fine.saveFile(file);
  using coarse = await still.compile({ dt: 0.2 });
  for (const state of [await fine.save(), file]) {
    const error = await failure(() => coarse.restore(state));
    t.is(error?.code, 'invalid-parameter');
    t.regex(error!.message, /state\.dt: expected 0\.2 ms, the time step of the simulation but got 0\.1/);
    t.is(coarse.time, 0);
    using again = await still.compile({ dt: 0.1 });
    await again.restore(state);
    t.is(again.time, 10);
  }
});

test('what a rule cannot draw is said', async (t) => {
  const one = population(iafPscExp, 1, { name: 'one' });
  for (const [wiringRule, expected] of [
    [
      rule.fixedOutDegree(9, { autapses: false }),
      /expected 0, as there are no targets without autapses but got 9/,
    ],
    [
      rule.fixedInDegree(9, { autapses: false }),
      /expected 0, as there are no sources without autapses but got 9/,
    ],
    [
      rule.fixedTotalNumber(9, { autapses: false }),
      /expected 0, as there are no pairs without autapses but got 9/,
    ],
    [
      rule.fixedInDegree(9, { multapses: false }),
      /expected at most 1, the sources there are, without multapses/,
    ],
  ] as const) {
    const network = circuit(connect(one, one, wiringRule, { weight: 1, delay: 1 }));
    t.regex((await failure(() => network.compile()))!.message, expected);
  }
});

test('weights are read with what has been at the synapses: sources at once, targets after the delay', async (t) => {
  const counts = synapse.rule({ variables: { spikes: 0 }, pre: 'w += 1; spikes += 1', post: 'w += 100' });
  const [sent, kicks] = [
    [3, 11.1, 30, 30.1, 47],
    [5, 9, 26.3, 31, 44.9],
  ];
  const T = population(iafPscExp, 1, { name: 'T' });
  const [Q, kick] = [spikeSource([sent], { name: 'Q' }), spikeSource([kicks], { name: 'kick' })];
  const onto = connect(Q, T, rule.allToAll(), { weight: 1, delay: 20, model: counts });
  const fire = connect(kick, T, rule.allToAll(), { weight: 1e5, delay: 0.1 });
  const made = circuit(T, Q, kick, onto, fire, record.weights(onto, { every: 2.5 }));
  using simulation = await made.compile({ precision: 'f64' });
  let fired: number[] = [];
  const by = (times: readonly number[], end: number) => times.filter((time) => time < end + 0.05).length;
  const weight = (time: number) => 1 + by(sent, time) + 100 * by(fired, time - 20);
  for (const duration of [4, 7.1, 0.1, 20, 3.8, 12, 18, 35]) {
    const { times, weights } = await simulation.run(duration);
    fired = [...fired, ...times];
    const { time } = simulation;
    const { weights: read, variables } = await simulation.plasticSynapses(Q, T);
    t.is(read[0], weight(time), `${time} ms`);
    t.is(variables.spikes![0], by(sent, time));
    t.is((await simulation.weights(Q, T))[0], weight(time));
    t.is((await simulation.connections(Q, T)).weights[0], weight(time));
    const { times: at, values } = weights[0]!;
    t.deepEqual(Array.from(values), Array.from(at, weight));
  }
  t.true(fired.length >= kicks.length);
});

test('weights that single precision has rounded beyond a bound are taken back, and clipped to it', async (t) => {
  const [E, S] = [population(iafPscExp, 2, { name: 'E' }), spikeSource([[1], [2]], { name: 'S' })];
  const atMost = synapse.stdp({ wMax: 0.3 });
  const atLeast = synapse.stdp({ wMin: 0.7 + 1e-9, wMax: 0.9 });
  // The rounded numbers are beyond the bounds; a rule without bounds has room for 128 times the largest weight of the start.
  t.true(Math.fround(0.3) > 0.3 && Math.fround(0.7 + 1e-9) < 0.7 + 1e-9);
  for (const [model, weight, beyond, bound] of [
    [atMost, 0.3, 0.3 + 1e-6, 0.3],
    [atLeast, 0.7 + 1e-9, 0.7 - 1e-6, 0.7 + 1e-9],
    [synapse.tsodyksMarkram(), 0.3, 0.3 * 129, undefined],
    [atMost, -0.3, -0.3 - 1e-6, -0.3],
  ] as const) {
    const network = circuit(connect(S, E, rule.allToAll(), { weight, delay: 1, model }));
    using simulation = await network.compile();
    const { sources, targets, delays, weights } = await simulation.plasticSynapses(S, E);
    t.deepEqual(Array.from(weights), new Array(4).fill(Math.fround(weight)));
    await simulation.setWeights(S, E, await simulation.weights(S, E));
    await simulation.setWeights(S, E, weights);
    t.deepEqual((await simulation.plasticSynapses(S, E)).weights, weights);
    const refused = await failure(() => simulation.setWeights(S, E, beyond));
    t.regex(refused!.message, /weights\[0\]: expected (a weight from|at most)/);
    const learned = circuit(
      connect(S, E, rule.list(sources, targets), { weight: weights, delay: delays, model }),
    );
    for (const precision of ['f32', 'f64'] as const) {
      using again = await learned.compile({ precision });
      const expected = precision === 'f32' ? Math.fround(weight) : (bound ?? Math.fround(weight));
      t.deepEqual(Array.from((await again.plasticSynapses(S, E)).weights), new Array(4).fill(expected));
    }
  }
});

test('a simulation tells how many threads a run chose', async (t) => {
  const few = circuit(population(iafPscExp, 12, { name: 'E' }));
  const simulation = await few.compile({ threads: 2 });
  await simulation.run(10);
  t.is(simulation.chosenThreads, 1, 'a second one has nothing to do');
  simulation.dispose();
  t.is(simulation.chosenThreads, 1);
  using many = await circuit(population(iafPscExp, 50_000, { name: 'E' })).compile({ threads: 1 });
  await many.run(1);
  t.is(many.chosenThreads, 1);
});
