// Cells with dendrites in circuits, beside NEURON's networks of cells and integrate-and-fire neurons.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  type CircuitElement,
  circuit,
  circuitOf,
  connect,
  currentSource,
  distribution,
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
import * as morphology from '../../src-ts/doors/morphology.ts';
import { neuron } from '../../src-ts/doors/neurons.ts';

const shape = morphology.fromBranches([
  {
    points: [
      [0, 0, 0, 10],
      [20, 0, 0, 10],
    ],
  },
  {
    parent: 0,
    points: [
      [20, 0, 0, 1],
      [220, 0, 0, 1],
    ],
  },
]);
const cell = morphology.cell(shape, {
  compartments: { maxLength: 20 },
  paint: [
    { mechanism: 'hh', region: 'soma' },
    { mechanism: 'passive', region: 'dend', parameters: { g: 3e-4, e: -65 } },
  ],
});
const soma = { branch: 0, x: 0.5 };
const input = { at: { branch: 1, x: 0.5 }, kinetics: 'exponential', decay: 2 } as const;
/** Fires at each second of its inputs. */
const counter = neuron({
  input: 'i',
  state: { v: 0 },
  params: {},
  update: 'v = v + i',
  spike: 'v > 1',
  reset: 'v = 0',
});

interface NeuronNetwork {
  dt: number;
  duration: number;
  points: number[][];
  cells: number[][];
  tips: number[][];
}

test('a network of cells and point neurons is NEURON’s', async (t) => {
  const file = '__test__/fixtures/morphology/network.json';
  const { dt, duration, ...expected } = JSON.parse(await readFile(file, 'utf8')) as NeuronNetwork;
  const points = population(counter, 2, { name: 'points' });
  const cells = morphology.cellPopulation(cell, 2, {
    name: 'cells',
    detector: { threshold: 0 },
    targets: { input, own: { at: { branch: 1, x: 0.25 }, rise: 0.3, decay: 3 } },
    variables: { tip: { at: { branch: 1, x: 1 } } },
  });
  const trains = [
    [1, 2, 9, 9.5, 20, 21, 33, 34],
    [3, 4, 15, 16, 17, 18, 40, 41],
  ];
  // A spike arrives at least a step later.
  const source = spikeSource(trains.map((train) => train.map((time) => time - dt)));
  const network = circuit(
    connect(source, points, rule.oneToOne(), { weight: 0.6, delay: dt }),
    ...[0, 1].map((k) =>
      connect(points, cells.slice(k, k + 1), rule.allToAll(), {
        port: 'input',
        weight: 0.012 + 0.002 * k,
        delay: 1.5,
      }),
    ),
    connect(cells, cells, rule.allToAll({ autapses: false }), { port: 'own', weight: 0.003, delay: 2.5 }),
    record.spikes(points, cells),
    record.traces(cells, ['tip'], 1),
  );
  const recording = await simulate(network, { duration, dt, precision: 'f64' });
  const timesOf = (name: string, i: number) => {
    const { times, ids } = recording.of(name);
    return Array.from(times).filter((_, k) => ids[k] === i);
  };
  const near = (got: readonly number[], wanted: readonly number[], within: number) =>
    t.true(
      got.length === wanted.length && got.every((x, i) => Math.abs(x - wanted[i]!) < within),
      `${got} beside ${wanted}`,
    );
  for (const i of [0, 1]) {
    near(timesOf('points', i), expected.points[i]!, 1e-9);
    near(timesOf('cells', i), expected.cells[i]!, 1e-6);
    const { values } = recording.traces['cells.tip']!;
    const own = Array.from(values).filter((_, k) => k % 2 === i);
    near(own, expected.tips[i]!.slice(1), 1e-6);
  }
  t.is(recording.traces['cells.tip']!.unit, 'mV');
});

/** Point neurons and cells that excite each other, with an input of each kind. */
function mixed() {
  const points = population(counter, 40, { name: 'points' });
  const cells = morphology.cellPopulation(cell, 12, {
    name: 'cells',
    targets: {
      input,
      dendrite: { region: 'dend', kinetics: 'nmda', decay: 20 },
      some: { at: [soma, { branch: 1, x: 0.9 }], reversal: -75 },
      soma: { electrode: soma },
    },
    variables: { m: { at: soma, value: 'hh.m' }, tip: { at: { branch: 1, x: 1 } } },
    variations: [{ paint: 1, parameter: 'g', factors: Array.from({ length: 12 }, (_, i) => 1 + 0.1 * i) }],
    dt: 0.025,
  });
  const onto = connect(points, cells, rule.fixedInDegree(30), {
    port: 'dendrite',
    weight: distribution.uniform(0.0005, 0.001),
    delay: 1.5,
  });
  return {
    cells,
    points,
    network: circuit(
      onto,
      connect(points, cells, rule.fixedInDegree(5), { port: 'some', weight: 0.001, delay: 1.5 }),
      connect(cells, points, rule.pairwiseBernoulli(0.3), { weight: 0.3, delay: 1 }),
      connect(poisson(300), points, { weight: 0.3 }),
      connect(poisson(100), cells, { port: 'input', weight: 0.004 }),
      connect(currentSource({ times: [5, 10], values: [0.1, 0] }), cells, { port: 'soma' }),
      record.traces(cells, ['v', 'm'], 1),
      record.mean(cells, { depolarized: 'tip + 65' }, 1),
    ),
  };
}

test('results depend on neither threads, cuts, nor files of the circuit and its state', async (t) => {
  const { network, cells } = mixed();
  const options = { dt: 0.1, seed: 3 };
  const once = await simulate(network, { ...options, duration: 60, threads: 1 });
  t.true(once.of('cells').times.length > 3 && once.of('points').times.length > 100);
  const values = (name: string, of = once) => Array.from(of.traces[name]!.values);
  t.true(values('cells.m').every((m) => m >= 0 && m <= 1));
  const again = await simulate(circuitOf(JSON.parse(JSON.stringify(network))), {
    ...options,
    duration: 60,
    threads: 2,
  });
  t.deepEqual([again.times, again.ids, values('cells.v', again)], [once.times, once.ids, values('cells.v')]);
  const loaded = await loadCircuit(await network.toBytes());
  using first = await loaded.compile(options);
  const begin = await first.run(25);
  const state = await first.save();
  using second = await network.compile(options);
  await second.restore(state);
  const rest = await second.run(35);
  t.deepEqual([...begin.times, ...rest.times], [...once.times]);
  t.deepEqual([...begin.traces['cells.v']!.values, ...rest.traces['cells.v']!.values], values('cells.v'));
  t.deepEqual(await second.get(cells, 'v'), Float64Array.from(values('cells.v').slice(-12)));
});

test('each synapse has a place of its target, by the seed', async (t) => {
  const { network, cells, points } = mixed();
  using simulation = await network.compile({ dt: 0.1, seed: 3 });
  const { places, targets, connections } = await simulation.connections(points, cells);
  t.is(targets.length, 12 * 35);
  const of = (connection: number) => Array.from(places!).filter((_, i) => connections[i] === connection);
  t.deepEqual(new Set(of(1)), new Set([0, 1]));
  t.is(new Set(of(0)).size, 11);
  using other = await network.compile({ dt: 0.1, seed: 4 });
  t.notDeepEqual((await other.connections(points, cells)).places, places);
  t.is((await simulation.connections(cells, points)).places, undefined);
  t.deepEqual(Object.keys(simulation.operations), ['points']);
});

test('memory is estimated before a run, and what cells cannot do is refused', async (t) => {
  const { network, cells, points } = mixed();
  const { bytes } = await network.estimate({ dt: 0.1 });
  const big = morphology.cellPopulation(cell, 1_200_000, { targets: { input } });
  const { bytes: more } = await circuit(big).estimate();
  t.true(more > 1e9 && more > 1000 * (bytes - 1e6), `${bytes}, ${more}`);
  const compiled =
    (...elements: readonly CircuitElement[]) =>
    () =>
      circuit(...elements).compile({ dt: 0.1 });
  const synapseTo = (port: string, more: object = {}) =>
    connect(points, cells, rule.allToAll(), { port, weight: 0.001, delay: 1, ...more });
  const cases: [() => unknown, string][] = [
    [compiled(synapseTo('soma')), 'unknown-name'],
    [compiled(synapseTo('input', { weight: -0.001 })), 'invalid-parameter'],
    [compiled(connect(points, cells, rule.allToAll(), { weight: 0.001, delay: 1 })), 'invalid-parameter'],
    [compiled(synapseTo('dendrite', { model: synapse.stdp() })), 'unsupported'],
    [compiled(connect(poisson(5), cells, { port: 'dendrite', weight: 0.1 })), 'invalid-parameter'],
    [compiled(connect(currentSource(1), cells, { port: 'input' })), 'unknown-name'],
    [
      compiled(gapJunctions(cells, cells, rule.allToAll({ autapses: false }), { conductance: 0.1 })),
      'unsupported',
    ],
    [compiled(cells, record.traces(cells, ['tail'])), 'unknown-name'],
    [() => circuit(cells).compile({ dt: 0.11 }), 'invalid-parameter'],
    [() => morphology.cellPopulation(cell, 0), 'invalid-parameter'],
    [() => morphology.cellPopulation(cell, 2, { targets: { a: { region: 'axon' } } }), 'invalid-parameter'],
    [
      () => morphology.cellPopulation(cell, 2, { targets: { a: { at: { branch: 2, x: 0 } } } }),
      'invalid-parameter',
    ],
    [() => morphology.cellPopulation(cell, 2, { targets: { a: { at: [] } } }), 'invalid-parameter'],
    [
      () => circuit(morphology.cellPopulation(cell, 2, { targets: { 'a b': input } })).compile(),
      'invalid-parameter',
    ],
    [
      () =>
        circuit(
          morphology.cellPopulation(cell, 2, { variables: { n: { at: soma, value: 'hh.q' } } }),
        ).compile(),
      'unknown-name',
    ],
    [
      () =>
        circuit(
          connect(spikeSource([[1]]), cells, rule.allToAll(), { port: 'input', weight: 1, delay: 0.1 }),
        ).toModel(),
      'unsupported',
    ],
  ];
  for (const [i, [wrong, code]] of cases.entries()) {
    const error = await t.throwsAsync(async () => wrong(), undefined, String(i));
    t.is((error as { code?: string }).code, code, `${i}: ${error?.message}`);
  }
  using simulation = await network.compile({ dt: 0.1 });
  await t.throwsAsync(simulation.set(cells, { v: -60 }), { code: 'unsupported' });
});

test('synapses onto cells learn from their spikes', async (t) => {
  const cells = morphology.cellPopulation(cell, 2, { name: 'cells', targets: { input } });
  const source = spikeSource([[5], [9]]);
  // The first input makes cells fire, the second comes after.
  const learning = connect(source, cells, rule.allToAll(), {
    port: 'input',
    weight: 0.02,
    delay: 1,
    model: synapse.stdp({ wMax: 0.05 }),
  });
  using simulation = await circuit(learning, record.weights(learning, { every: 20 })).compile({ dt: 0.025 });
  const { weights, times } = await simulation.run(40);
  t.true(times.length >= 2);
  const [potentiated, depressed] = [0, 1].map((k) => weights[0]!.values[k]!);
  t.true(potentiated! > 0.02 && depressed! < 0.02, `${potentiated}, ${depressed}`);
});
