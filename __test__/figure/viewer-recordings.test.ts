// What the viewer's server says of recordings, events and networks, over HTTP. References: the recording, the events and the values of the network themselves.
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  circuit,
  connect,
  distribution,
  poisson,
  population,
  type Recording,
  record,
  rule,
  simulate,
  writeSonataSpikes,
} from '../../src-ts/doors/circuit.ts';
import { writeEvents } from '../../src-ts/doors/events.ts';
import { view } from '../../src-ts/doors/figure.ts';
import { writeTensors } from '../../src-ts/doors/files.ts';
import { iafPscExp, lif } from '../../src-ts/doors/neurons.ts';
import { dense, sequential } from '../../src-ts/index.ts';
import { random } from '../support/numbers.ts';
import { routes, events as streamed } from '../support/viewer-routes.ts';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-view-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const E = population(iafPscExp, 80, {
  name: 'E',
  tauMem: distribution.normal(20, 2, { min: 5 }),
  initial: { v: distribution.uniform(-70, -55) },
});
const I = population(iafPscExp, 20, { name: 'I', tauMem: 20 });
const network = circuit(
  E,
  I,
  connect(E, I, rule.fixedInDegree(10), { weight: 30, delay: 1.5 }),
  connect(I, E, rule.fixedInDegree(5), { weight: distribution.uniform(-120, -80), delay: 2 }),
  connect(poisson(9000), E, { weight: 30 }),
  connect(poisson(9000), I, { weight: 30 }),
  record.traces(E, ['v']),
);
const run = simulate(network, { duration: 200, dt: 0.1, seed: 1 });

interface Facts {
  start: number;
  stop: number;
  populations: { name: string; size: number; recorded: number; spikes: number }[];
  traces: { name: string; kind: string; population?: string; columns: number; samples: number }[];
  isLive: boolean;
}

/** Spikes of a population as the page unpacks them. */
async function spikesOf(get: ReturnType<typeof routes>, item: string, k: number) {
  const { arrays, meta } = await get.packed(`spikes?item=${item}&population=${k}`);
  if (arrays.times !== undefined) return { times: arrays.times, ids: arrays.ids! };
  const { factor, divides, first } = meta as unknown as { factor: number; divides: boolean; first: number };
  let step = first;
  const times = arrays.steps!.map((by) => {
    step += by;
    return divides ? step / factor : step * factor;
  });
  return { times, ids: arrays.ids! };
}

async function checkSpikes(
  t: import('ava').ExecutionContext,
  get: ReturnType<typeof routes>,
  item: string,
  recording: Recording,
) {
  const facts = await get.json<Facts>(`describe?item=${item}`);
  for (const [k, { name, size, spikes }] of facts.populations.entries()) {
    const own = recording.of(name);
    t.is(size, own.neurons);
    t.is(spikes, own.times.length);
    t.deepEqual(await spikesOf(get, item, k), { times: [...own.times], ids: [...own.ids] });
  }
  return facts;
}

test('a recording in a file: spikes, counts, rates and trains', async (t) => {
  const recording = await run;
  const path = join(folder, 'spikes.safetensors');
  const trace = recording.traces['E.v']!;
  await recording.save(path);
  await using viewer = await view(path);
  const get = routes(viewer);
  const [item] = (await get.json<{ items: { id: string; kind: string }[] }>('items')).items;
  t.is(item!.kind, 'recording');
  const facts = await checkSpikes(t, get, item!.id, recording);
  t.deepEqual([facts.start, facts.stop, facts.isLive], [0, 200, false]);
  t.deepEqual(facts.traces, [
    { name: 'E.v', kind: 'state', population: 'E', unit: 'mV', columns: 80, samples: trace.times.length },
  ]);

  const own = recording.of('E');
  const counted = await get.packed(
    `counts?item=${item!.id}&population=0&from=50&to=150&first=20&last=60&columns=10&rows=4`,
  );
  const grid = Array.from({ length: 40 }, (_, cell) => {
    const [column, row] = [Math.floor(cell / 4), cell % 4];
    return own.times.filter((time, i) => {
      const inTime = time >= 50 + 10 * column && time < 60 + 10 * column;
      return inTime && own.ids[i]! >= 20 + 10 * row && own.ids[i]! < 30 + 10 * row;
    }).length;
  });
  t.deepEqual(counted.arrays.counts, grid);
  const rates = await get.packed(`rates?item=${item!.id}&from=0&to=200&bins=8`);
  t.deepEqual(
    rates.arrays.counts!.slice(8),
    Array.from(
      { length: 8 },
      (_, k) => recording.of('I').times.filter((time) => time >= 25 * k && time < 25 * (k + 1)).length,
    ),
  );
  const train = await get.packed(`neuron?item=${item!.id}&population=0&neuron=7`);
  t.deepEqual(
    train.arrays.times,
    [...own.times].filter((_, i) => own.ids[i] === 7),
  );
  const values = await get.packed(
    `trace?item=${item!.id}&name=E.v&kind=state&column=3&from=10&to=11&columns=100`,
  );
  const indices = [...trace.times.keys()].filter((i) => trace.times[i]! >= 10 && trace.times[i]! < 11);
  // One sample more at both ends.
  t.deepEqual(
    values.arrays.values,
    [indices[0]! - 1, ...indices, indices.at(-1)! + 1].map((i) => trace.values[80 * i + 3]),
  );
});

test('what a page cannot ask for is refused, and takes no memory', async (t) => {
  await using viewer = await view([await run]);
  const get = routes(viewer);
  for (const path of [
    'spikes?population=2',
    'spikes?population=0&begin=1000000',
    'spikes?population=x',
    'counts?population=0&columns=1e9&rows=1',
    'counts?population=0&columns=10000&rows=10000',
    'counts?population=0&columns=4&rows=4&first=5&last=5',
    'rates?bins=1e9',
    'rates?from=NaN',
    'neuron?population=0&neuron=80',
    'trace?name=E.w&kind=state',
    'trace?name=E.v&kind=state&column=80',
  ]) {
    const response = await get.get(`${path}&item=recording`);
    t.is(response.status, 400, path);
    await response.arrayBuffer();
  }
});

test('a recording without names, spikes of SONATA, and files that are damaged', async (t) => {
  const recording = await run;
  const { times, ids } = recording;
  const own = join(folder, 'several');
  await mkdir(own);
  await writeTensors(join(own, 'plain.npz'), { times, ids });
  await writeSonataSpikes(join(own, 'sonata.h5'), { v1: recording.of('E'), lgn: recording.of('I') });
  const bytes = Buffer.alloc(64);
  bytes.writeBigUInt64LE(2n ** 40n);
  await writeFile(join(own, 'broken.safetensors'), bytes);
  await writeTensors(join(own, 'other.safetensors'), { weights: new Float32Array(4) });
  await writeTensors(join(own, 'back.npz'), { times: Float64Array.of(2, 1), ids: Uint32Array.of(0, 1) });
  const small = {
    ...{ version: 1, populations: { A: { first: 0, size: 1 } }, recordedRanges: { A: [{ from: 0, to: 1 }] } },
    ...{
      start: 0,
      stop: 200,
      duration: 200,
      synapticEvents: null,
      traces: {},
      means: [],
      lfp: [],
      weights: [],
    },
  };
  await writeTensors(
    join(own, 'beyond.safetensors'),
    { times, ids },
    { metadata: { recording: JSON.stringify(small) } },
  );
  await using viewer = await view(own);
  const get = routes(viewer);
  const { items } = await get.json<{ items: { id: string; kind: string }[] }>('items');
  t.deepEqual(
    items.map(({ id }) => id),
    ['back.npz', 'beyond.safetensors', 'plain.npz', 'sonata.h5'],
  );
  const plain = await get.json<Facts>('describe?item=plain.npz');
  t.deepEqual(
    plain.populations.map(({ name, spikes }) => [name, spikes]),
    [['neurons', times.length]],
  );
  const sonata = await get.json<Facts>('describe?item=sonata.h5');
  const names = sonata.populations.map(({ name }) => name);
  t.deepEqual([...names].sort(), ['lgn', 'v1']);
  // The file has the nodes that fire only, which are numbered anew.
  const excitatory = recording.of('E');
  const firing = [...new Set(excitatory.ids)].sort((a, b) => a - b);
  const read = await spikesOf(get, 'sonata.h5', names.indexOf('v1'));
  t.deepEqual(read.times, [...excitatory.times]);
  t.deepEqual(
    read.ids.map((id) => firing[id]),
    [...excitatory.ids],
  );
  for (const [item, message] of [
    ['back.npz', /times\[1\] is 1/],
    ['beyond.safetensors', /neuron \d+; expected ids below 1\b/],
  ] as const) {
    const response = await get.get(`describe?item=${item}`);
    t.is(response.status, 422);
    t.regex(((await response.json()) as { error: { message: string } }).error.message, message);
  }
});

test('a simulation is shown from the moment it is added, and grows', async (t) => {
  using simulation = await network.compile({ dt: 0.1, seed: 1 });
  await using viewer = await view(simulation);
  const get = routes(viewer);
  const { items } = await get.json<{ items: { id: string; kind: string }[] }>('items');
  t.deepEqual(
    items.map(({ kind }) => kind),
    ['recording', 'network'],
  );
  await simulation.run(100);
  const [item, net] = items.map(({ id }) => id) as [string, string];
  const before = await get.json<Facts>(`describe?item=${item}`);
  t.is(before.stop, 100, 'the run was before the page asked');
  const abort = new AbortController();
  const stream = await get.get(`follow/growth?item=${item}`, {}, abort.signal);
  const grown: Facts[] = [];
  const followed = (async () => {
    for await (const { data } of streamed(stream)) {
      grown.push(data as unknown as Facts);
      if (grown.at(-1)!.stop === 200) return;
    }
  })();
  await simulation.run(50);
  await simulation.run(50);
  await followed;
  abort.abort();
  t.true(grown.at(-1)!.isLive);
  // In pieces the same as at once.
  await checkSpikes(t, get, item, await run);
  const { samples } = grown.at(-1)!.traces[0]!;
  t.is(samples, (await run).traces['E.v']!.times.length);

  const v = await simulation.get(E, 'v');
  const states = await get.json<{ count: number; mean: number; min: number; max: number }>(
    `distribution?item=${encodeURIComponent(net)}&node=E&of=state.v`,
  );
  t.is(states.count, 80);
  t.true(Math.abs(states.mean - v.reduce((a, b) => a + b) / 80) < 1e-9);
  t.deepEqual([states.min, states.max], [Math.min(...v), Math.max(...v)]);
  const weights = await simulation.weights(I, E);
  const got = await get.json<{ count: number; counts: number[]; edges: number[] }>(
    `distribution?item=${encodeURIComponent(net)}&edge=1&of=weights`,
  );
  t.is(got.count, weights.length);
  const { edges, counts } = got;
  t.deepEqual(
    counts,
    counts.map(
      (_, i) =>
        weights.filter(
          (w) => w >= edges[i]! && (w < edges[i + 1]! || (i === counts.length - 1 && w <= edges[i + 1]!)),
        ).length,
    ),
  );
});

test('events in a file and in memory: frames and samples of windows', async (t) => {
  const next = random(3);
  const n = 40_000;
  const times = Float64Array.from({ length: n }, () => Math.floor(next() * 1e6)).sort();
  const events = {
    t: times,
    x: Uint16Array.from(times, () => Math.floor(next() * 64)),
    y: Uint16Array.from(times, () => Math.floor(next() * 48)),
    polarity: Uint8Array.from(times, () => (next() < 0.4 ? 1 : 0)),
  };
  const sensor = { width: 64, height: 48 };
  const path = join(folder, 'events.aedat4');
  await writeEvents(path, events, { sensor });
  await using viewer = await view([path, { ...events, sensor } as never]);
  const get = routes(viewer);
  const { items } = await get.json<{ items: { id: string; kind: string }[] }>('items');
  t.deepEqual(
    items.map(({ kind }) => kind),
    ['events', 'events'],
  );
  for (const { id } of items) {
    const item = encodeURIComponent(id);
    let facts: Record<string, unknown> = {};
    while (facts.isComplete !== true) facts = await get.json(`describe?item=${item}`);
    t.like(facts, { sensor, events: n, on: events.polarity.filter((p) => p === 1).length });
    t.deepEqual([facts.start, facts.stop], [times[0], times.at(-1)! + 1]);
    for (const [from, to] of [
      [100_000, 150_000],
      [999_990, 2e6],
      [500_000, 500_001],
      [0, 1e6],
    ] as const) {
      const inside = [...times.keys()].filter((i) => times[i]! >= from && times[i]! < to);
      const frame = await get.packed(`frame?item=${item}&from=${from}&to=${to}`);
      const [on, off] = [new Array(64 * 48).fill(0), new Array(64 * 48).fill(0)];
      for (const i of inside) (events.polarity[i] === 1 ? on : off)[events.y[i]! * 64 + events.x[i]!] += 1;
      t.deepEqual(frame.arrays.on, on, `${id} ${from}`);
      t.deepEqual(frame.arrays.off, off);
      const cloud = await get.packed(`cloud?item=${item}&from=${from}&to=${to}&most=1000`);
      const { every, events: all } = cloud.meta as unknown as { every: number; events: number };
      t.is(all, inside.length);
      const kept = inside.filter((_, i) => i % every === 0);
      t.true(kept.length <= 1000);
      t.deepEqual(
        cloud.arrays.x,
        kept.map((i) => events.x[i]!),
      );
      t.deepEqual(
        cloud.arrays.t,
        kept.map((i) => times[i]! - from),
      );
    }
    const activity = await get.packed(`activity?item=${item}&parts=1`);
    t.is(activity.arrays.on![0]! + activity.arrays.off![0]!, n);
    for (const path of ['cloud?most=1e9', 'activity?parts=1e9', 'frame?from=2&to=1'])
      t.is((await get.get(`${path}&item=${item}`)).status, 400, path);
  }
});

test('networks of files and programs, and distributions of what they have', async (t) => {
  const path = join(folder, 'network.safetensors');
  const own = circuit(network, population(lif, 4, { name: 'out', beta: [0.5, 0.6, 0.7, 0.8] }));
  await own.save(path);
  const model = await sequential(dense(5, 7, { name: 'fc' }), lif({ beta: 0.9 })).compile({ seed: 2 });
  const saved = join(folder, 'model.safetensors');
  await model.save(saved);
  await using viewer = await view([path, saved, model]);
  const get = routes(viewer);
  interface Graph {
    layout: string;
    nodes: { name: string; size: number; quantities: { id: string }[] }[];
    edges: { from: string; to: string; sign: string; facts: [string, string][] }[];
  }
  const graph = await get.json<Graph>('describe?item=network.safetensors');
  t.deepEqual(
    graph.nodes.map(({ name, size }) => [name, size]),
    [
      ['E', 80],
      ['I', 20],
      ['out', 4],
    ],
  );
  t.deepEqual(
    graph.edges.map(({ from, to, sign }) => [from, to, sign]),
    [
      ['E', 'I', 'excitatory'],
      ['I', 'E', 'inhibitory'],
    ],
  );
  t.deepEqual(Object.fromEntries(graph.edges[0]!.facts), {
    rule: 'fixed-in-degree, count 10',
    weight: '30',
    delay: '1.5 ms',
  });
  const beta = await get.json<{ count: number; mean: number }>(
    'distribution?item=network.safetensors&node=out&of=param.beta',
  );
  t.is(beta.count, 4);
  t.true(Math.abs(beta.mean - 0.65) < 1e-12);
  const statistics = await get.json<{ mean: number; sd: number; min: number; max: number }>(
    'distribution?item=network.safetensors&edge=1&of=weight',
  );
  t.true(Math.abs(statistics.mean + 100) < 0.5 && Math.abs(statistics.sd - 40 / Math.sqrt(12)) < 0.5);
  t.true(statistics.min >= -120 && statistics.max <= -80);
  const weights = (await model.weights())['fc.weight']!;
  for (const item of ['model.safetensors', 'model']) {
    const layers = await get.json<Graph>(`describe?item=${item}`);
    t.is(layers.layout, 'columns');
    t.deepEqual(layers.nodes[0], { ...layers.nodes[0]!, name: 'input', size: 5 });
    const got = await get.json<{ count: number; mean: number }>(
      `distribution?item=${item}&node=fc&of=fc.weight`,
    );
    t.is(got.count, 35);
    t.true(Math.abs(got.mean - [...weights].reduce((a, b) => a + b) / 35) < 1e-7);
  }
  for (const path of ['node=nobody&of=v', 'node=E&of=nothing', 'edge=9&of=weight', 'edge=0&of=weight'])
    t.is((await get.get(`distribution?item=network.safetensors&${path}`)).status, 400, path);
  model.dispose();
});
