// Recordings of some neurons: whatever reads a recording sees the recorded neurons, with their ids, and no others. The reference is the
// same run with all neurons recorded, of which the recorded neurons are taken here.
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import * as analysis from '../../src-ts/doors/analysis.ts';
import {
  type CircuitElement,
  circuit,
  connect,
  currentSource,
  poisson,
  population,
  readSonataSpikes,
  record,
  rule,
  simulate,
  simulateMany,
  writeSonataSpikes,
} from '../../src-ts/doors/circuit.ts';
import { figure, view } from '../../src-ts/doors/figure.ts';
import { adex, iafPscExp } from '../../src-ts/doors/neurons.ts';
import { routes } from '../support/viewer-routes.ts';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-partial-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const E = population(iafPscExp, 100, { name: 'E' });
const I = population(iafPscExp, 40, { name: 'I' });
const wired = [
  ...[E, I],
  connect(E, I, rule.fixedInDegree(10), { weight: 30, delay: 1.5 }),
  connect(I, E, rule.fixedInDegree(10), { weight: -60, delay: 1.5 }),
  connect(poisson(9000), E, { weight: 35 }),
  connect(poisson(9000), I, { weight: 35 }),
];
const running = { duration: 500, seed: 3 };
const run = (...recorders: CircuitElement[]) => simulate(circuit(...wired, ...recorders), running);

/** Neurons of E that are recorded: a slice of which another one overlaps, one of its own, and a single neuron. */
const slices = [E.slice(10, 14), E.slice(12, 20), E.slice(50, 60), E.slice(99)];
const chosen = [...Array(20).keys(), ...Array(60).keys(), 99].filter(
  (id, i, all) => all.indexOf(id) === i && ((id >= 10 && id < 20) || (id >= 50 && id < 60) || id === 99),
);
const partial = run(record.spikes(...slices));
const whole = run();

/** The trains of the chosen neurons of a run that recorded all of them, by a plain filter. */
async function expected(neurons: readonly number[]): Promise<analysis.SpikeTrains> {
  const { times, ids, start, stop } = await whole;
  const own = [...ids.keys()].filter((i) => neurons.includes(ids[i]!));
  return {
    times: Float64Array.from(own, (i) => times[i]!),
    ids: Uint32Array.from(own, (i) => neurons.indexOf(ids[i]!)),
    neurons: neurons.length,
    ...{ start, stop },
  };
}

test('only recorded trains come back, each with its neuron', async (t) => {
  const recording = await partial;
  t.deepEqual(recording.recorded, { E: 21 });
  const { neuronIds, ...trains } = recording.of(E);
  t.deepEqual([...neuronIds], chosen);
  t.deepEqual(trains, await expected(chosen));
  t.true(trains.times.length > 100);
  t.deepEqual(recording.of('E'), recording.of(E));
  // Of a slice, the recorded part.
  const { neuronIds: some, ...part } = recording.of(E.slice(15, 55));
  const inside = chosen.filter((id) => id >= 15 && id < 55);
  t.deepEqual([...some], inside);
  t.deepEqual(part, await expected(inside));
  // A whole recording has all of a slice, with their numbers in the population.
  t.deepEqual([...(await whole).of(I.slice(3, 6)).neuronIds], [3, 4, 5]);
});

test('neurons that are not recorded are refused, and what is recorded is said', async (t) => {
  const recording = await partial;
  t.throws(() => recording.of('I'), {
    code: 'invalid-parameter',
    message: /^neurons: expected a population whose spikes are recorded: E \(record\.spikes/,
  });
  t.throws(() => recording.of(E.slice(20, 50)), {
    code: 'invalid-parameter',
    message: /^neurons: expected recorded neurons of E: 10 to 19, 50 to 59, 99 .*but got "E 20 to 49"/,
  });
  const none = await run(record.spikes(I.slice(0, 1)));
  t.throws(() => none.of(E), { code: 'invalid-parameter' });
});

/** What each statistic says of trains, as plain numbers. */
const statistics: Readonly<Record<string, (trains: analysis.SpikeTrains) => Promise<unknown>>> = {
  rates: (trains) => analysis.rates(trains),
  intervals: (trains) => analysis.intervals(trains),
  cv: (trains) => analysis.cv(trains),
  cv2: (trains) => analysis.cv2(trains),
  lv: (trains) => analysis.lv(trains),
  lvr: (trains) => analysis.lvr(trains),
  fanoFactor: (trains) => analysis.fanoFactor(trains),
  windowedFanoFactors: (trains) => analysis.windowedFanoFactors(trains, { window: 50 }),
  binned: (trains) => analysis.binned(trains, { bin: 5 }),
  psth: (trains) => analysis.psth(trains, { bin: 5 }),
  powerSpectrum: (trains) => analysis.powerSpectrum(trains, { bin: 1 }),
  correlation: (trains) => analysis.correlation(trains, { bin: 5 }),
  crossCorrelogram: (trains) =>
    analysis.crossCorrelogram(trains, { pair: [0, 20], bin: 1, window: [-20, 20] }),
  vanRossum: (trains) => analysis.vanRossum(trains, { tau: 10 }),
  victorPurpura: (trains) => analysis.victorPurpura(trains, { q: 0.1 }),
  isiDistance: (trains) => analysis.isiDistance(trains),
  isiProfile: (trains) => analysis.isiProfile(trains, { pair: [0, 20] }),
  spikeDistance: (trains) => analysis.spikeDistance(trains),
  spikeProfile: (trains) => analysis.spikeProfile(trains, { pair: [0, 20] }),
  spikeSynchronization: (trains) => analysis.spikeSynchronization(trains),
};

test('every statistic of spike trains is that of the recorded neurons', async (t) => {
  // What makes or cuts trains, and no statistic.
  const others = ['spikeTrains', 'fromRaster', 'select', 'within'];
  const known = Object.entries(analysis).flatMap(([name, value]) =>
    typeof value === 'function' ? [name] : [],
  );
  t.deepEqual(known.filter((name) => !others.includes(name)).sort(), Object.keys(statistics).sort());
  const [own, reference] = [(await partial).of(E), await expected(chosen)];
  for (const [name, statistic] of Object.entries(statistics))
    t.deepEqual(await statistic(own), await statistic(reference), name);
});

test('trains that are selected or cut keep the ids of their neurons', async (t) => {
  const own = (await partial).of(E);
  const selected = analysis.select(own, [20, 3]);
  t.deepEqual([...selected.neuronIds!], [99, 13]);
  const cut = analysis.within(own, { start: 100, stop: 200 });
  t.deepEqual([...cut.neuronIds!], chosen);
  await t.throwsAsync(analysis.rates({ ...own, neuronIds: new Uint32Array(3) }), {
    code: 'invalid-parameter',
    message: /neuronIds/,
  });
});

/** Figures of spikes, with what they need. */
const figures: Readonly<Record<string, (spikes: analysis.SpikeTrains) => Promise<figure.Figure>>> = {
  raster: (spikes) => figure.raster({ E: spikes }),
  'raster, as density': (spikes) => figure.raster({ E: spikes }, { marks: 'density' }),
  rate: (spikes) => figure.rate({ E: spikes }),
  psth: (spikes) => figure.psth({ E: spikes }, { bin: 5 }),
  isi: (spikes) => figure.isi({ E: spikes }),
  correlogram: (spikes) => figure.correlogram(spikes, { pair: [0, 20], bin: 1, window: [-20, 20] }),
  spectrum: (spikes) => figure.spectrum({ E: spikes }, { bin: 1 }),
};

test('every figure of spikes shows the recorded neurons, by their ids', async (t) => {
  const recording = await partial;
  const reference = await expected(chosen);
  for (const [name, made] of Object.entries(figures)) {
    const [own, wanted] = [await made(recording.of(E)), await made(reference)];
    const marks = ({ spec }: figure.Figure) =>
      spec.columns.map((panels) => panels.map((panel) => panel.marks));
    t.deepEqual(marks(own), marks(wanted), name);
  }
  for (const [made, of] of [
    [await figure.raster(recording), figures.raster!],
    [await figure.rate(recording), figures.rate!],
    [await figure.isi(recording), figures.isi!],
    [await figure.psth(recording, { bin: 5 }), figures.psth!],
    [await figure.spectrum(recording, { bin: 1 }), figures.spectrum!],
  ] as const)
    t.deepEqual(made.spec.columns, (await of(recording.of(E))).spec.columns);
  const { y } = (await figure.raster(recording)).spec.columns[0]![0]!;
  t.deepEqual(y.domain, [20.5, -0.5]);
  t.deepEqual(
    y.tickLabels,
    y.ticks!.map((train) => `${chosen[train]}`),
  );
  const pair = await figure.correlogram(recording, { pair: [0, 20], bin: 1, window: [-20, 20] });
  t.regex(pair.spec.caption!, /neuron 99 after neuron 10/);
});

test('rates, the statistics of a sweep and the spikes of its rows are those of the recorded neurons', async (t) => {
  const recording = await partial;
  const own = await expected(chosen);
  const mean = (values: Float64Array) => {
    const numbers = values.filter((x) => !Number.isNaN(x));
    return numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  };
  t.deepEqual(recording.rates(), { E: own.times.length / 0.5 / 21 });
  const many = await simulateMany(circuit(...wired, record.spikes(...slices)), {
    axes: {},
    seeds: [3],
    spikes: true,
    measure: ['spikes', 'rate', 'cv', 'cv2', 'lv', 'fano', { measure: 'synchrony', bin: 5 }],
    duration: 500,
  });
  const columns = Object.fromEntries(Object.entries(many.columns).map(([name, [value]]) => [name, value!]));
  // The mean covariance of two neurons' counts over the mean variance of one, by its definition.
  const { values, shape } = await analysis.binned(own, { bin: 5 });
  const counts = Array.from({ length: shape[0] }, (_, i) =>
    values.subarray(i * shape[1], (i + 1) * shape[1]),
  );
  const covariance = (a: Float64Array, b: Float64Array) =>
    a.reduce((sum, x, i) => sum + (x - mean(a)) * (b[i]! - mean(b)), 0) / a.length;
  const pairs = counts.flatMap((a, i) => counts.flatMap((b, j) => (i === j ? [] : [covariance(a, b)])));
  const wanted: Record<string, number> = {
    'E.spikes': own.times.length,
    'E.rate': own.times.length / 0.5 / 21,
    'E.cv': mean(await analysis.cv(own)),
    'E.cv2': mean(await analysis.cv2(own)),
    'E.lv': mean(await analysis.lv(own)),
    'E.fano': mean(await analysis.windowedFanoFactors(own, { window: 100 })),
    'E.synchrony': mean(Float64Array.from(pairs)) / mean(Float64Array.from(counts, (a) => covariance(a, a))),
  };
  t.deepEqual(Object.keys(columns).sort(), Object.keys(wanted).sort());
  for (const [name, value] of Object.entries(wanted))
    t.true(Math.abs(columns[name]! - value) <= 1e-9 * Math.abs(value), `${name}: ${columns[name]}, ${value}`);
  const { times, ids } = many.spikesOf(0);
  t.deepEqual([times, ids], [recording.times, recording.ids]);
});

test('SONATA files have the node ids of the recorded neurons', async (t) => {
  const recording = await partial;
  const trains = recording.of(E);
  const [whole, part, nodes] = ['whole.h5', 'part.h5', 'nodes.h5'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeSonataSpikes(whole, recording);
  await writeSonataSpikes(part, { E: trains });
  await writeSonataSpikes(nodes, { E: { ...trains, nodeIds: chosen.map((id) => id + 1000) } });
  for (const [file, offset] of [
    [whole, 0],
    [part, 0],
    [nodes, 1000],
  ] as const) {
    const { E: read } = await readSonataSpikes(file);
    t.deepEqual(
      Array.from(read!.ids, (train) => read!.nodeIds[train]! - offset),
      Array.from(trains.ids, (train) => chosen[train]!),
    );
  }
  // The nodes of the whole population would be those of other neurons.
  await t.throwsAsync(
    writeSonataSpikes(nodes, { E: { ...trains, nodeIds: Array.from({ length: 100 }, (_, i) => i) } }),
    { code: 'invalid-parameter', message: /nodeIds.*21, one for each train/ },
  );
});

interface Facts {
  populations: {
    name: string;
    size: number;
    recorded: number;
    recordedRanges: { from: number; to: number }[];
    spikes: number;
  }[];
  traces: { name: string; population?: string; neurons?: number[]; unit?: string; columns: number }[];
}

test('the viewer knows which neurons and which traces are recorded, of recordings and of running simulations', async (t) => {
  const recorders = [
    record.spikes(...slices),
    record.traces(E, ['v'], 1, [99, 3, 12]),
    record.traces(I.slice(5, 7), ['v', 'iE'], 1),
  ];
  const network = circuit(...wired, ...recorders);
  const simulation = await network.compile({ seed: 3 });
  await using viewer = await view([await simulate(network, running), simulation]);
  await simulation.run(500);
  const get = routes(viewer);
  const { items } = await get.json<{ items: { id: string; kind: string }[] }>('items');
  const recordings = items.filter(({ kind }) => kind === 'recording');
  t.is(recordings.length, 2);
  for (const { id } of recordings) {
    const { populations, traces } = await get.json<Facts>(`describe?item=${id}`);
    const own = await expected(chosen);
    const ranges = [
      { from: 10, to: 20 },
      { from: 50, to: 60 },
      { from: 99, to: 100 },
    ];
    t.deepEqual(populations, [
      { name: 'E', size: 100, recorded: 21, recordedRanges: ranges, spikes: own.times.length },
      { name: 'I', size: 40, recorded: 0, recordedRanges: [], spikes: 0 },
    ]);
    t.deepEqual(
      traces.map(({ name, population, neurons, unit, columns }) => [
        name,
        population,
        neurons,
        unit,
        columns,
      ]),
      [
        ['E.v', 'E', [99, 3, 12], 'mV', 3],
        ['I.v', 'I', [5, 6], 'mV', 2],
        ['I.iE', 'I', [5, 6], 'pA', 2],
      ],
    );
  }
  // The network of the simulation has rates of recorded neurons only.
  const shown = items.find(({ kind }) => kind === 'network')!.id;
  await get.json(`describe?item=${shown}`);
  const { ids, times } = await simulation.run(100);
  t.true(times.length > 20);
  const facts = await get.json<{ nodes: { name: string; quantities: { id: string }[] }[] }>(
    `describe?item=${shown}`,
  );
  t.deepEqual(
    facts.nodes
      .filter(({ quantities }) => quantities.some(({ id }) => id === 'rates'))
      .map(({ name }) => name),
    ['E'],
  );
  const { count, mean, note } = await get.json<{ count: number; mean: number; note: string }>(
    `distribution?item=${shown}&node=E&of=rates`,
  );
  t.deepEqual([count, note], [21, 'from 500 to 600 ms, 21 recorded neurons of 100']);
  t.true(Math.abs(mean - ids.length / 21 / 0.1) < 1e-9);
});

test('figures of states name the recorded neurons and their units', async (t) => {
  const recording = await run(record.traces(E, ['v'], 1, [99, 3]));
  const trace = recording.traces['E.v']!;
  t.deepEqual([...trace.neurons], [99, 3]);
  const [panel] = (await figure.membrane(recording)).spec.columns[0]!;
  t.deepEqual(
    panel!.legend!.map(({ name }) => name),
    ['neuron 99', 'neuron 3'],
  );
  t.is(panel!.y.label, 'v (mV)');
  // The columns are those neurons: the same as in a recording of all.
  const all = (await run(record.traces(E, ['v'], 1))).traces['E.v']!;
  t.deepEqual([...all.neurons], [...Array(100).keys()]);
  for (const [column, neuron] of trace.neurons.entries())
    for (let k = 0; k < trace.times.length; k++)
      t.is(trace.values[k * 2 + column], all.values[k * 100 + neuron]);
});

test('the trajectory of a phase plane has its gaps at the spikes of its own neuron', async (t) => {
  const A = population(adex, 4, {
    name: 'A',
    initial: { v: [-70, -60, -65, -55] },
  });
  const own = [400, 600, 800, 1000].map((pA, i) => connect(currentSource(pA), A.slice(i, i + 1)));
  const one = population(adex, 1);
  const both = record.traces(A, ['v', 'w'], 0.1, [2]);
  const recording = await simulate(circuit(A, ...own, both), { duration: 200 });
  const gaps = async (trajectory: Parameters<typeof figure.phasePlane>[1]) => {
    const { spec } = await figure.phasePlane(one, trajectory);
    const lines = spec.columns.flat().flatMap(({ marks }) => marks);
    const last = lines.filter((mark) => mark.type === 'line').at(-1) as figure.LineMark;
    return Array.from(last.x).filter(Number.isNaN).length;
  };
  const spikes = recording.ids.filter((id) => id === 2).length;
  t.true(spikes > 0 && spikes !== recording.ids.filter((id) => id === 0).length);
  t.is(await gaps({ trajectory: recording }), spikes);
  const silent = await simulate(circuit(A, ...own, both, record.spikes(A.slice(0, 1))), { duration: 200 });
  await t.throwsAsync(figure.phasePlane(one, { trajectory: silent }), {
    code: 'invalid-parameter',
    message: /without the spikes of A 2/,
  });
});
