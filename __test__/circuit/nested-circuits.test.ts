// A network as a part of a larger one is what it was: the whole is the network that was written in one piece.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import {
  type Circuit,
  circuit,
  circuitOf,
  circuits,
  connect,
  currentSource,
  gapJunctions,
  loadCircuit,
  poisson,
  population,
  record,
  rule,
  simulate,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';
import { failure } from '../support/errors.ts';

const E = population(iafPscExp, 60, { name: 'E', iBias: 380 });
const I = population(iafPscExp, 20, { tauMem: 10 });
const S = spikeSource([[5, 9], [7]], { name: 'S' });
const learning = connect(E, E, rule.fixedInDegree(5), { weight: 20, delay: 1.5, model: synapse.stdp() });
const first = [
  E,
  I,
  learning,
  connect(E, I, rule.fixedInDegree(5), { weight: 20, delay: 1 }),
  connect(I, E.slice(0, 30), rule.fixedInDegree(5), { weight: -80, delay: 1 }),
  connect(S, E, rule.allToAll(), { weight: 30, delay: 2 }),
  connect(poisson(3000), E, { weight: 20 }),
  gapJunctions(E, E, rule.list([0, 1], [2, 3]), { conductance: 1 }),
  record.weights(learning, { every: 10 }),
];
const T = population(iafPscExp, 10, { name: 'T' });
const more = (E_: typeof E, S_: typeof S) => {
  const late = connect(T, E_.slice(10), rule.fixedInDegree(3), {
    weight: 5,
    delay: 1,
    model: synapse.stdp(),
  });
  return [
    T,
    late,
    connect(S_, T, rule.allToAll(), { weight: 40, delay: 1 }),
    connect(currentSource(400), T),
    gapJunctions(T, T, rule.list([0], [1]), { conductance: 1 }),
    record.traces(E_, ['v'], 5),
    record.weights(late, { every: 20 }),
  ];
};
const options = { duration: 60, dt: 0.1, seed: 3 };

const same = async (t: ExecutionContext, network: Circuit) => {
  const flat = circuit(...first, ...more(E, S));
  t.deepEqual(JSON.parse(JSON.stringify(network)), JSON.parse(JSON.stringify(flat)));
  const [a, b] = [await simulate(network, options), await simulate(flat, options)];
  t.true(a.times.length > 50);
  t.deepEqual([a.times, a.ids, a.traces, a.weights], [b.times, b.ids, b.traces, b.weights]);
};

test('a network and more is the network of all', async (t) => {
  const part = circuit(...first);
  t.is(part.population('E'), E);
  t.is(part.source('S'), S);
  await same(t, circuit(part, ...more(E, S)));
  await same(t, circuit(part, more(part.population('E'), part.source('S'))));
  // It comes first.
  await same(t, circuit(...more(E, S), part));
});

test('so is one that was only described', async (t) => {
  const described = circuitOf(JSON.parse(JSON.stringify(circuit(...first))));
  await same(t, circuit(described, ...more(described.population('E'), described.source('S'))));
  const path = join(await mkdtemp(join(tmpdir(), 'lapicque-')), 'part.safetensors');
  await circuit(...first).save(path);
  const loaded = await loadCircuit(path);
  await same(t, circuit(loaded, more(loaded.population('E'), loaded.source('S'))));
  // What stands for its populations is known where it runs.
  using simulation = await loaded.compile({ seed: 3 });
  t.is((await simulation.weights(loaded.population('E'), 'E')).length, 300);
});

test('connections of a part are recorded, in whichever part they are', async (t) => {
  const bare = circuit(E, learning);
  const other = circuit(T, connect(T, T, rule.allToAll(), { weight: 1, delay: 1 }));
  const { record: kept } = circuit(other, bare, record.weights(learning, { every: 3 })).description;
  t.deepEqual(kept?.weights, [{ connection: 1, every: 3 }]);
  const { record: all } = circuit(other, circuit(...first)).description;
  t.deepEqual(all?.weights, [{ connection: 1, every: 10 }]);
});

test('recorders of spikes are those of all parts', (t) => {
  const part = circuit(E, I, record.spikes(I));
  t.deepEqual(circuit(part).description.record?.spikes, ['iaf-psc-exp2']);
  t.deepEqual(circuit(part, record.spikes(E.slice(0, 3))).description.record?.spikes?.length, 2);
  t.is(circuit(part, record.spikes()).description.record?.spikes, undefined);
});

test('a built-in network can be recorded and stimulated', async (t) => {
  const { circuit: brunel } = circuits.brunel({ scale: 0.02 });
  const cells = brunel.population('E');
  const pulsed = circuit(
    brunel,
    record.traces(cells, ['v'], 1, [0]),
    connect(poisson({ times: [20, 25], values: [20_000, 0] }), cells.slice(0, 50), { weight: 1 }),
  );
  const run = { duration: 30, dt: 0.1, seed: 1 };
  const [before, after] = [await simulate(brunel, run), await simulate(pulsed, run)];
  t.is(after.traces['E.v']!.values.length, 30);
  const spikes = ({ times, ids }: typeof before, from: number, to: number) =>
    [...times].filter((time, i) => time > from && time <= to && ids[i]! < 50).length;
  t.is(spikes(after, 0, 20), spikes(before, 0, 20));
  t.true(spikes(after, 20, 25) > spikes(before, 20, 25) + 50);
});

test('what cannot be put together is told', async (t) => {
  const part = circuit(E, I);
  t.throws(() => circuit(part, part), { message: /network\[1\]: expected each network once/ });
  t.throws(() => part.population('F'), { message: /unknown population "F"; known are E, iaf-psc-exp2/ });
  t.throws(() => part.source('F'), { message: /unknown source "F"/ });
  const twin = population(iafPscExp, 3, { name: 'E' });
  await t.throwsAsync(circuit(part, twin).compile(), { message: /a unique name/ });
  const [slow, fast] = [1, 0.1].map((dt) => circuitOf({ ...circuit(T).description, dt }));
  t.throws(() => circuit(slow!, circuitOf({ ...fast!.description })), { message: /one time step/ });
  t.is(circuit(slow!, E).description.dt, 1);
});

test('one value among lists of a current is that of all neurons', async (t) => {
  const values = [0, [1, 2, 3], 4];
  const filled = [0, 0, 0, 1, 2, 3, 4, 4, 4];
  t.deepEqual([...currentSource({ times: [0, 1, 2], values }).values], filled);
  // 10 ms of 100 pA onto 250 pF are 4 mV where nothing leaks.
  const cells = population(iafPscExp, 3, { name: 'cells', tauMem: 1e6 });
  const cue = currentSource({ times: [0, 10, 20], values: [0, [0, 100, 200], 0] });
  const { traces } = await simulate(circuit(connect(cue, cells), record.traces(cells, ['v'], 30)), {
    duration: 30,
    precision: 'f64',
  });
  for (const [n, v] of [0, 4, 8].entries()) t.true(Math.abs(traces['cells.v']!.values[n]! + 70 - v) < 1e-3);
});

test('a population that parts know by different names is refused', (t) => {
  const [a, b] = [population(iafPscExp, 2), population(iafPscExp, 3)];
  const [one, other] = [
    circuit(a, b),
    circuit(b, a, connect(a, b, rule.allToAll(), { weight: 2, delay: 1 })),
  ];
  // By the first part's names the connection would run from b to a.
  t.throws(() => circuit(one, other), { code: 'invalid-parameter', message: /one name for each population/ });
  t.notThrows(() => circuit(one, circuit(a, b, connect(a, b, rule.allToAll(), { weight: 2, delay: 1 }))));
});

test('a recording gives the spikes of a population or a slice as it is, of a part of a network too', async (t) => {
  const network = circuit(circuit(...first), ...more(E, S), connect(currentSource(900), I));
  const recording = await simulate(network, options);
  /** Of the neurons `from` to `to` of the network, within a population that begins at `first`. */
  const counted = (from: number, to: number, first = from) => {
    const kept = [...recording.ids.keys()].filter((i) => recording.ids[i]! >= from && recording.ids[i]! < to);
    return {
      times: Float64Array.from(kept, (i) => recording.times[i]!),
      ids: Uint32Array.from(kept, (i) => recording.ids[i]! - from),
      ...{ neurons: to - from, start: 0, stop: 60 },
      neuronIds: Uint32Array.from({ length: to - from }, (_, i) => from - first + i),
    };
  };
  // In the order of the network: 60 neurons of E, 20 of the population without a name, 10 of T.
  t.true(counted(0, 60).times.length > 30);
  t.deepEqual(recording.of(E), counted(0, 60));
  t.deepEqual(recording.of(network.population('E')), counted(0, 60));
  t.deepEqual(recording.of(E.slice(10, 20)), counted(10, 20, 0));
  t.true(counted(60, 80).times.length > 0);
  t.deepEqual(recording.of(I), counted(60, 80));
  t.deepEqual(recording.of(T.slice(-3)), counted(87, 90, 80));
  t.deepEqual(recording.of('T'), counted(80, 90));
  for (const other of [population(iafPscExp, 60, { name: 'E' }), S, undefined]) {
    t.is((await failure(() => recording.of(other as never)))?.code, 'invalid-parameter');
  }
});
