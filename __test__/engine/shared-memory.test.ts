// Memory that JavaScript can still write: other threads rewrite a SharedArrayBuffer while a call reads it, and getters take
// buffers away between two arguments. Every function of the addon that takes arrays gets such ones; the process lives, and what
// comes back is a result or a typed error.
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { hostileMemory } from '../support/hostile-memory.ts';
import { library, run } from '../support/process.ts';

interface Outcome {
  hit: string[];
  codes: Record<string, number>;
}

const hostile = (script: string) =>
  run<Outcome>(`const lapicqueLibrary = ${JSON.stringify(library)};\n${hostileMemory}\n${script}\nend();`);

/** All functions of the addon that take typed arrays, also within objects, by the declarations that it was built with. */
async function entryPoints(): Promise<string[]> {
  const text = await readFile('native/addon.d.cts', 'utf8');
  const array = /\b(?:Float32|Float64|Uint8|Uint16|Uint32|Int8|Int16|Int32)Array\b/;
  const interfaces = new Map(
    [...text.matchAll(/^export interface (\w+) \{\n([\s\S]*?)^\}/gm)].map(([, name, body]) => [name!, body!]),
  );
  const taking = new Set<string>();
  const takes = (type: string) =>
    array.test(type) || [...taking].some((name) => new RegExp(`\\b${name}\\b`).test(type));
  for (let before = -1; before !== taking.size; ) {
    before = taking.size;
    for (const [name, body] of interfaces)
      if (takes(body.replaceAll(/\/\*[\s\S]*?\*\//g, ''))) taking.add(name);
  }
  const found: string[] = [];
  let holder = '';
  for (const line of text.split('\n')) {
    holder = /^export declare class (\w+)/.exec(line)?.[1] ?? (line === '}' ? '' : holder);
    const call = /^(?:export declare function| {2}(?:static )?)\s*(\w+)\((.*?)\): /.exec(line);
    if (call && call[1] !== 'constructor' && takes(call[2]!))
      found.push(holder === '' ? call[1]! : `${holder}.${call[1]}`);
  }
  return found;
}

const hit = new Set<string>();

/** Runs a script under hostile memory; what it has reached counts for the last test. */
function under(title: string, script: string) {
  test.serial(title, async (t) => {
    const { hit: reached, codes } = await hostile(script);
    t.log(JSON.stringify(codes));
    for (const name of reached) hit.add(name);
    t.true(Object.values(codes).reduce((sum, count) => sum + count, 0) > 0);
  });
}

under(
  'sessions',
  `
for (const precision of ['f32', 'f64']) {
  const network = sequential(dense(1000, 300), lif({ beta: 0.9 }), dense(300, 20), lif({ beta: 0.9 }));
  const model = await network.compile({ seed: 1, precision });
  const session = await model.session();
  const events = Uint32Array.from({ length: 500 }, (_, i) => 2 * i);
  const values = Float32Array.from({ length: 1000 }, (_, i) => i % 2);
  await often(20000, () => session.push(events));
  await often(2000, () => session.push(values));
  await often(2000, () => session.push(Float64Array.from(values)));
  await often(2000, () => session.advance(3));
  await often(20, () => session.pushAsync(Array(50).fill(events)));
  await often(200, () => session.membrane());
  await often(200, () => session.membrane(new Float64Array(20)));
  await often(50, () => {
    const saved = session.save().toArrays();
    session.restore(lapicque.ModelState.fromArrays(saved));
  });
  const state = session.save();
  await often(200, () => state.select([0, 0, 0]));
}
`,
);

under(
  'models',
  `
const network = sequential(lapicque.input(40), dense(40, 30), lif({ beta: 0.9 }), dense(30, 4), lif({ beta: 0.9 }));
for (const precision of ['f32', 'f64']) {
  const model = await network.compile({ seed: 1, precision });
  const [steps, batch] = [20, 16];
  const bits = Uint8Array.from({ length: steps * batch * 40 }, (_, i) => Number(i % 7 === 0));
  const labels = Uint32Array.from({ length: batch }, (_, i) => i % 4);
  const lengths = Uint32Array.from({ length: batch }, (_, i) => 1 + (i % steps));
  const count = loss.crossEntropyCount();
  for (const x of [bits, Float32Array.from(bits), Float64Array.from(bits, (b) => b / 3), Float32Array.from(bits, (b) => b / 3)]) {
    const input = { x, shape: [steps, batch, 40] };
    await often(60, () => model.run(input, { record: ['lif1.v'] }));
    await often(20, () => model.predict(input));
    await often(30, () => lapicque.operations(model, input));
    await often(30, () => model.trainStep({ ...input, y: labels, lengths }, { loss: count, optimizer: adam() }));
    await often(30, () => model.evaluateStep({ ...input, y: labels, lengths }, { loss: count }));
    await often(30, async () => {
      const pass = await model.forward(input);
      await pass.backward({ v: Float64Array.from(pass.v) });
      await model.step({ optimizer: sgd({ lr: 0.1 }) });
    });
  }
  for (const x of [bits, Float32Array.from(bits), Float64Array.from(bits)])
    await often(30, () => model.run({ x: x.subarray(0, batch * 40), shape: [batch, 40] }, { steps }));
  const squared = { loss: loss.meanSquaredCount(), optimizer: adam() };
  for (const y of [new Float32Array(batch * 4), new Float64Array(batch * 4)])
    await often(30, () => model.trainStep({ x: bits, shape: [steps, batch, 40], y }, squared));
  await often(30, async () => model.setWeights(await model.weights()));
  const data = { x: Float32Array.from(bits), y: Uint8Array.from({ length: steps * batch }, (_, i) => i % 4), shape: [steps * batch, 40] };
  await often(5, () => model.fit(new lapicque.DataLoader(data, { batchSize: 16 }), { loss: count, steps: 3, epochs: 1, optimizer: adam() }));
}
`,
);

under(
  'large networks',
  `
const { connect, currentSource, distribution, iafPscExp, circuit, poisson, population, rule, spikeSource, synapse } = lapicque;
const n = 200;
const each = (of) => Float64Array.from({ length: n }, (_, i) => of(i));
for (const precision of ['f32', 'f64']) {
  await often(15, async () => {
    const P = population(iafPscExp, n, { name: 'P', iBias: each((i) => 300 + i), initial: { v: each((i) => -70 + i / n) } });
    const S = spikeSource(Array.from({ length: 50 }, (_, i) => Float64Array.of(1 + i / 10, 20 + i / 10)), { name: 'S' });
    const pairs = (factor, of) => Uint32Array.from({ length: 3000 }, (_, i) => (i * factor) % of);
    const values = Float64Array.from({ length: 3000 }, (_, i) => 1 + (i % 30) / 10);
    const built = circuit(
      P,
      S,
      connect(P, P, rule.list(pairs(7, n), pairs(13, n)), { weight: values, delay: values }),
      connect(S, P, rule.list(pairs(3, 50), pairs(11, n)), { weight: values, delay: 1 }),
      connect(P, P, rule.fixedInDegree(5), { weight: 1, delay: 1, model: synapse.stdp() }),
      connect(poisson({ times: [0, 5, 10], values: [10, 20, 5] }), P, { weight: 1 }),
      connect(currentSource({ times: [0, 5], values: [each(() => 1), each(() => 2)] }), P, { name: 'drive' }),
    );
    await built.estimate({ precision });
    const simulation = await built.compile({ dt: 0.1, precision });
    await simulation.run(20);
    const state = await simulation.save();
    await often(5, () => simulation.restore(state));
    await often(5, () => simulation.set(P, { v: each((i) => -70 + i / n) }));
    await often(5, async () => simulation.setWeights(P, P, await simulation.weights(P, P)));
    await often(5, async () => simulation.setWeights(S, P, await simulation.weights(S, P)));
    await often(5, () => simulation.set(S, { trains: Array.from({ length: 50 }, (_, i) => Float64Array.of(30 + i / 10)) }));
    await often(5, () => simulation.set('drive', { current: { times: [0, 10], values: [each(() => 1), each(() => 2)] } }));
    await simulation.run(20);
    simulation.dispose();
  });
}
`,
);

under(
  'functions of arrays',
  `
const { analysis, encode } = lapicque;
const [steps, batch, neurons] = [10, 20, 30];
const shape = [steps, batch, neurons];
const data = Float32Array.from({ length: batch * neurons }, (_, i) => (i % 10) / 10);
const spikes = Float32Array.from({ length: steps * batch * neurons }, (_, i) => Number(i % 5 === 0));
const labels = Uint32Array.from({ length: batch }, (_, i) => i % neurons);
const lengths = Uint32Array.from({ length: batch }, (_, i) => 1 + (i % steps));
const call = (name, ...args) => addon[name](...args);
for (const kind of ['rate', 'rate-in-time', 'rate-probabilities', 'poisson', 'latency', 'latency-times', 'delta', 'direct'])
  await often(40, () => call('encode', kind, data, steps, kind.startsWith('latency') ? JSON.stringify({ steps, tau: 5, threshold: 0.01 }) : '{}', 1, Float64Array.of(1), Uint32Array.from({ length: batch }, (_, i) => i)));
for (const [kind, more] of [['rank-order', { samples: batch }], ['phase', {}], ['burst', { spikes: 3 }], ['population', {}], ['forward', {}], ['bsa', { filter: [0.5, 0.5] }]])
  await often(20, () => call('encode', kind, data, steps, JSON.stringify(more), 1, Float64Array.of(1)));
for (const code of [{ kind: 'rate' }, { kind: 'phase' }, { kind: 'population', neurons: 6 }, { kind: 'bsa', filter: [0.5, 0.5] }])
  await often(20, () => call('reconstruct', JSON.stringify(code), spikes, steps));
await often(100, () => lapicque.encodeTargets(labels, neurons, { code: 'rate', steps }));
for (const decoder of [{ kind: 'count' }, { kind: 'rate' }, { kind: 'first-spike' }, { kind: 'maximum' }])
  await often(100, () => call('decode', JSON.stringify(decoder), spikes, lengths, ...shape));
const reals = [{ values: spikes }, { doubles: Float64Array.from(spikes) }];
for (const given of reals)
  for (const spec of [loss.crossEntropyCount(), loss.crossEntropyRate()])
    await often(60, () => call('evaluateLoss', JSON.stringify(spec), given, given, labels, {}, lengths, ...shape));
await often(60, () => call('evaluateLoss', JSON.stringify(loss.meanSquaredCount()), reals[0], {}, undefined, reals[1], lengths, ...shape));
const traced = JSON.stringify(lapicque.trace({ x: ['row'] }, ({ x }) => x.square().sum()).graph);
await often(60, () => call('evaluateGraph', traced, JSON.stringify([['x', [spikes.length], true]]), Float64Array.from(spikes), '[["result",1]]', Float64Array.of(1), 'f32'));
await often(60, () => call('graphValue', traced, JSON.stringify([['x', [spikes.length], false]]), Float64Array.from(spikes), 'f32'));
await often(100, () => call('evaluatePenalty', JSON.stringify(lapicque.penalty?.l1?.({ strength: 1 }) ?? { kind: 'l1', strength: 1 }), spikes, lengths, ...shape));
await often(100, () => call('surrogate', JSON.stringify(lapicque.surrogate.atan()), Float64Array.from(data)));
await often(100, () => call('scheduleFactor', JSON.stringify({ kind: 'plateau', patience: 1, factor: 0.5 }), 3, Float64Array.from(data)));
await often(100, () => call('legendreDecoder', 8, Float64Array.from(data)));
const times = Float64Array.from({ length: 500 }, (_, i) => i / 2);
const ids = Uint32Array.from({ length: 500 }, (_, i) => i % 20);
for (const measure of [{ measure: 'counts' }, { measure: 'intervals' }, { measure: 'correlation', bin: 5 }, { measure: 'psth', bin: 5 }, { measure: 'van-rossum', tau: 10 }])
  await often(100, () => call('measureSpikeTrains', JSON.stringify(measure), times, ids, 20, 0, 250));
await often(40, () => call('driveSynapse', JSON.stringify(lapicque.synapse.stdp()), 0.1, 1, 1, times, times, times, times, false));
await often(40, () => call('neuronSpikeTimes', JSON.stringify(lapicque.izhikevich().dynamics), times, times, 300, 0.1));
const rng = addon.NumpyRng.create(1);
await often(100, () => rng.random(new Float32Array(1000)));
const probe = addon.Probe.create(600);
await often(100, () => probe.push(data, data));
await often(100, () => probe.run(data, 3, 0));
const file = (await import('node:path')).join((await import('node:os')).tmpdir(), 'lapicque-hostile-' + process.pid);
for (const end of ['.npy', '.npz', '.safetensors'])
  await often(20, async () => {
    await lapicque.writeTensors(file + end, { a: { shape: [batch, neurons], data } });
    return lapicque.readTensors(file + end);
  });
await often(20, async () => lapicque.readTensors(await lapicque.tensorBytes({ a: { shape: [batch, neurons], data } })));
for (const end of ['.npy', '.npz', '.safetensors']) (await import('node:fs')).rmSync(file + end, { force: true });
`,
);

under(
  'events',
  `
const n = 3000;
const batch = () => [Float64Array.from({ length: n }, (_, i) => i), Uint16Array.from({ length: n }, (_, i) => i % 20), Uint16Array.from({ length: n }, (_, i) => i % 10), Uint8Array.from({ length: n }, (_, i) => i % 2)];
const sensor = { width: 20, height: 10 };
for (const output of [undefined, { kind: 'frames', window: 100 }, { kind: 'sparse', count: 50 }, { kind: 'slices', timeBins: 3 }])
  await often(100, () => {
    const pipeline = addon.NativeEventPipeline.create(JSON.stringify({ sensor, transforms: [{ kind: 'denoise', time: 50 }, { kind: 'jitter', x: 1 }], output }));
    const pushed = pipeline.push(...batch());
    pipeline.finish();
    return pushed;
  });
await often(200, () => {
  const camera = addon.NativeEventSensor.create(JSON.stringify({ kind: 'camera', ...sensor }));
  camera.push(Float32Array.from({ length: 200 }, (_, i) => i / 200), Float64Array.of(0));
  return camera.push(Float32Array.from({ length: 400 }, (_, i) => (i % 7) / 7), Float64Array.of(1000, 2000));
});
`,
);

under(
  'morphologies',
  `
const filled = (length, value) => new Float64Array(length).fill(value);
const points = Float64Array.from({ length: 320 }, (_, i) => (i % 4 === 0 ? i / 4 : i % 4 === 3 ? 1 : 0));
const shape = { tags: Int32Array.of(1, 3), parents: Int32Array.of(-1, 0), places: Float64Array.of(0, 1), starts: Uint32Array.of(0, 40, 80), points };
await often(200, () => addon.measureMorphology(shape));
await often(200, () => addon.cutMorphology(shape, '{"perBranch":5}', filled(2, 100), filled(2, 1), '["all"]'));
const nodes = { parent: Int32Array.from({ length: 50 }, (_, i) => i - 1), area: filled(50, 100), axial: filled(50, 1), capacitance: filled(50, 1) };
const inputs = { cells: 2, records: [{ cell: 0, node: 3, quantity: 'voltage' }] };
const description = JSON.stringify({ inputs, paint: [{ mechanism: 'hh', nodes: [3, 4] }], celsius: 6.3, vInit: -65, dt: 0.025, steps: 40, sampleEvery: 1, secondOrder: false, asNeuron: false });
await often(200, () => addon.estimateMorphologies(nodes, description));
await often(200, () => addon.simulateMorphologies(nodes, description));
const objective = '[{"record":0,"kind":"squaredError","weight":1}]';
await often(200, () => addon.differentiateMorphologies(nodes, description, objective, filled(41, -60)));
const lines = Array.from({ length: 300 }, (_, i) => [i + 1, 3, i, 0, 0, 1, i || -1].join(' ')).join(' # \\n');
await often(100, () => addon.readSwc(new TextEncoder().encode(lines), '"cylinder"'));
`,
);

under(
  'event files, HDF5, searches and sweeps',
  `
const n = 3000;
const batch = { t: Float64Array.from({ length: n }, (_, i) => i), x: Uint16Array.from({ length: n }, (_, i) => i % 20), y: Uint16Array.from({ length: n }, (_, i) => i % 10), polarity: Uint8Array.from({ length: n }, (_, i) => i % 2) };
for (const format of ['evt2', 'aedat4', 'csv'])
  await often(30, () => lapicque.eventsToBytes(batch, { format, sensor: { width: 20, height: 10 } }));
const recording = (await import('node:path')).join((await import('node:os')).tmpdir(), 'lapicque-hostile-' + process.pid + '.raw');
// EVT2 by hand, as nothing that is written here is what was meant: the upper bits of the time, then an event in each of 3,000 words.
const eventWords = Uint32Array.from({ length: n + 1 }, (_, i) => (i === 0 ? 8 << 28 : (i % 2 << 28) | ((i >> 6) << 22) | (i % 20 << 11) | i % 10));
const eventHeader = '% evt 2.0\\n% geometry 20x10\\n% end\\n';
(await import('node:fs')).writeFileSync(recording, Buffer.concat([Buffer.from(eventHeader), Buffer.from(eventWords.buffer)]));
for (const reuse of [false, true])
  await often(30, async () => {
    const reader = await lapicque.openEvents(recording, { reuse });
    for await (const { length } of reader) if (length > n) throw new Error('more events than written');
    reader.close?.();
  });
(await import('node:fs')).rmSync(recording, { force: true });
const content = {
  a: Float32Array.from({ length: 3000 }, (_, i) => i),
  rows: [Float64Array.of(1, 2), Float64Array.of(3)],
  group: lapicque.hdf5Group({}, { v: Float64Array.from({ length: 100 }, (_, i) => i) }),
};
const path = (await import('node:path')).join((await import('node:os')).tmpdir(), 'lapicque-hostile-' + process.pid + '.h5');
await often(1, () => lapicque.writeHdf5(path, content));
await often(60, () => lapicque.hdf5Bytes(content));
await often(60, async () => {
  const file = await lapicque.openHdf5(path);
  await file.attributes('group');
  await file.read('rows');
  return file.read('a');
});
(await import('node:fs')).rmSync(path, { force: true });
const space = { x: lapicque.space.uniform(0, 1) };
const directions = ['minimize', 'minimize'];
const search = addon.NativeSearch.create(JSON.stringify({ space, search: lapicque.search.random(), directions, seed: 1, prune: lapicque.prune.nonFinite() }));
await often(200, () => search.hypervolume(Float64Array.of(1, 1)));
await often(200, () => addon.NativePruner.create(search.pruning(0)).report(1, Float64Array.of(0.5, 0.5)));
const points = Float64Array.from({ length: 400 }, (_, i) => (i * 37) % 100);
await often(200, () => addon.paretoRanks(points, 2));
await often(200, () => addon.hypervolume(points, 2, Float64Array.of(200, 200)));
const cells = lapicque.population(lapicque.iafPscExp, 20, { name: 'E', iBias: 400 });
await often(20, () => lapicque.simulateMany(lapicque.circuit(cells), { axes: { 'E.tauMem': [9, 11] }, seeds: [1], measure: ['rate'], duration: 5 }));
`,
);

under(
  'integer networks',
  `
const n = 40;
const spec = () => ({
  target: 'int8',
  input: n,
  layers: [
    {
      name: 'hidden',
      neurons: n,
      rules: { currents: 1 },
      threshold: Int32Array.from({ length: n }, (_, i) => 100 + i),
      vDecay: Int32Array.from({ length: n }, (_, i) => 3000 + i),
      currentDecay: Int32Array.from({ length: n }, (_, i) => 2000 + i),
      connections: [{ from: 'input', weights: Int8Array.from({ length: n * n }, (_, i) => (i * 37) % 100 - 40) }],
    },
  ],
});
await often(60, () => lapicque.integerNetwork(spec()));
const network = await lapicque.integerNetwork(spec());
const counts = Uint8Array.from({ length: 20 * n }, (_, i) => i % 3);
const signed = Int16Array.from({ length: 20 * n }, (_, i) => i % 5 - 2);
for (const x of [counts, signed]) await often(60, () => network.run({ x, shape: [20, 1, n] }));
const session = network.session();
await often(400, () => session.push(Uint32Array.from({ length: 20 }, (_, i) => 2 * i)));
await often(400, () => session.push(counts.slice(0, n)));
await often(400, () => session.push(signed.slice(0, n)));
for (const read of ['counts', 'v', 'currents']) await often(100, () => session[read]('hidden'));
`,
);

test.serial('every function of the addon that takes arrays was tried', async (t) => {
  const all = await entryPoints();
  t.true(all.length > 25, String(all.length));
  for (const known of ['NativeSession.push', 'NativeModel.run', 'buildSimulation', 'writeTensors'])
    t.true(all.includes(known), known);
  t.deepEqual(
    all.filter((name) => !hit.has(name)),
    [],
  );
});

test.serial('a getter that takes a buffer away leaves nothing to read', async (t) => {
  const { codes } = await run<Outcome>(`
import { createRequire } from 'node:module';
const { addon } = createRequire(${JSON.stringify(library)})('#native');
const bytes = 8 << 16;
const takings = {
  resize: () => {
    const buffer = new ArrayBuffer(bytes, { maxByteLength: bytes });
    return [new Float64Array(buffer), () => buffer.resize(0)];
  },
  transfer: () => {
    const buffer = new ArrayBuffer(bytes);
    // Nobody holds what it was transferred to.
    return [new Float64Array(buffer), () => (structuredClone(buffer, { transfer: [buffer] }), globalThis.gc())];
  },
};
const model = await sequential(dense(1 << 16, 2), lif({ beta: 0.9 })).compile();
const codes = {};
for (const taking of Object.values(takings))
  for (const call of [
    ([states, take]) => {
      const layer = { neurons: 1 << 16, states: [states], get lastSpikes() { take(); } };
      const state = addon.NativeState.fromArrays('f64', 1, [layer], []);
      return state.arrays().layers[0].states[0].length === 0 ? { error: { code: 'empty' } } : state;
    },
    ([doubles, take]) => model.native.run({ doubles, steps: 1, batch: 1, get channels() { take(); return 1 << 16; }, constant: false }, []),
    ([data, take]) =>
      addon.writeTensors('/nowhere/x.npy', undefined, [], [{ name: 'a', dtype: 'F64', get shape() { return [1]; }, data: new Uint8Array(data.buffer) }, { name: 'b', dtype: 'F64', get data() { take(); return new Uint8Array(8); }, shape: [1] }]),
  ]) {
    const outcome = await call(taking());
    const code = outcome?.error?.code ?? 'done';
    codes[code] = (codes[code] ?? 0) + 1;
  }
console.log(JSON.stringify({ hit: [], codes }));
`);
  t.is(codes.internal, undefined, JSON.stringify(codes));
  t.is(codes.done, undefined, JSON.stringify(codes));
});

test.serial('arrays over resizable and growing buffers give what plain ones give', async (t) => {
  const { same } = await run<{ same: boolean[] }>(`
const model = await sequential(dense(50, 20), lif({ beta: 0.9 })).compile({ seed: 1 });
const plain = Float32Array.from({ length: 500 }, (_, i) => i % 7);
const events = Uint32Array.of(1, 7, 30);
const over = (array, buffer) => {
  const copy = new array.constructor(buffer);
  copy.set(array);
  return copy;
};
const kinds = [
  (array) => over(array, new SharedArrayBuffer(array.byteLength)),
  (array) => over(array, new ArrayBuffer(array.byteLength, { maxByteLength: 8 * array.byteLength })),
  (array) => over(array, new SharedArrayBuffer(array.byteLength, { maxByteLength: 8 * array.byteLength })),
];
const told = async (of) => {
  const session = await model.session();
  const pushed = [[...session.push(of(events))], [...session.push(of(plain.slice(0, 50)))], [...session.membrane(of(new Float32Array(20)))]];
  return JSON.stringify([pushed, [...(await model.run({ x: of(plain), shape: [5, 2, 50] })).v]]);
};
const expected = await told((array) => array);
console.log(JSON.stringify({ same: await Promise.all(kinds.map(async (of) => (await told(of)) === expected)) }));
`);
  t.deepEqual(same, [true, true, true]);
});
